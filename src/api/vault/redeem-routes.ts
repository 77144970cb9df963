/** The safer twin of the deep link: a one-time code, redeemed once by the owner who holds the verifier. */
import { Router } from 'express'
import { z } from 'zod'
import type { Connect } from '../../connect/index.js'
import type { OwnerAuthenticator } from '../authentication/owner.js'
import { jsonOnly } from '../errors/json-only.js'
import { readBody } from '../http/read-input.js'

export interface RedeemRouteDeps {
  readonly connect: Connect
  readonly authenticateOwner: OwnerAuthenticator
}

export const redeemBody = z.strictObject({
  code: z.string().min(1).max(100),
  /** RFC 7636 4.1. */
  verifier: z.string().regex(/^[A-Za-z0-9._~-]{43,128}$/, 'must be 43 to 128 letters, digits, or -._~'),
})

export function redeemRoutes({ connect, authenticateOwner }: RedeemRouteDeps): Router {
  const router = Router()
  router.post('/connect/redeem', jsonOnly, async (req, res) => {
    const body = readBody(redeemBody, req.body)
    const did = await authenticateOwner(req)
    res.set('Cache-Control', 'no-store').json(await connect.redeem({ did, ...body }))
  })
  return router
}
