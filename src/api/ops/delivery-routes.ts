/** What became of services' deliveries, for the operator; counts, and nothing of an account. */
import { Router } from 'express'
import type { Redacted } from '../../lib/redacted.js'
import { requireOperatorToken } from './key-routes.js'

export interface DeliveryRoutePorts {
  readonly counts: () => Promise<object>
  /** Without it nobody is the operator. */
  readonly operatorToken: Redacted | undefined
}

export function deliveryRoutes({ counts, operatorToken }: DeliveryRoutePorts): Router {
  const router = Router()
  router.get('/ops/deliveries', async (req, res) => {
    requireOperatorToken(req, operatorToken)
    res.set('Cache-Control', 'no-store').json({ deliveries: await counts() })
  })
  return router
}
