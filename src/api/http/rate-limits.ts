/** How often the expensive addresses may be asked, by address of the caller and by DID. Counted in this process. */
import { Router, type Request } from 'express'
import { parseDid } from '../../lib/did.js'
import { decodeOwnerJwt } from '../../lib/owner-jwt.js'
import { bearer } from '../authentication/owner.js'
import { addressOf, limiter } from './limiter.js'

export interface RateLimitOptions {
  /** Network of bare legacy DIDs. */
  readonly network: string
  /** Requests of one caller in a window. Default 60. */
  readonly perAddress?: number
  /**
   * Requests that name one DID in a window, whoever sends them. Default 120: more than one caller may send, so that no
   * single caller can use up another's DID.
   */
  readonly perDid?: number
  /** Default one minute. */
  readonly windowMs?: number
}

/** Connecting, its return, syncing, redeeming; not the reading of a status. */
const LIMITED = [
  '/connect/:provider',
  '/connect/:provider/form',
  '/auth/:provider',
  '/callback/:provider',
  '/providers/:provider/callback',
  '/sync/:provider',
  '/syncStart/:provider',
  '/disconnect/:provider',
]

/** Stands before the routers that it limits. */
export function rateLimits(options: RateLimitOptions): Router {
  const { network, perAddress = 60, perDid = 120, windowMs = 60_000 } = options
  const router = Router()
  const byAddress = limiter(windowMs, perAddress, addressOf)
  const byDid = limiter(
    windowMs,
    perDid,
    (req) => namedDid(req, network) ?? '',
    (req) => namedDid(req, network) === undefined,
  )
  router.all(LIMITED, byAddress, byDid)
  return router
}

/** Whom a request says it is for. Nothing is proven yet: it only chooses which counter is asked. */
function namedDid(req: Request, network: string): string | undefined {
  const body: unknown = req.body
  const inBody =
    typeof body === 'object' && body !== null ? (body as { readonly did?: unknown }).did : undefined
  const named = req.query['did'] ?? inBody ?? issuerOf(req)
  return typeof named === 'string' ? parseDid(named, network) : undefined
}

function issuerOf(req: Request): string | undefined {
  if (req.get('authorization') === undefined) return undefined
  try {
    return decodeOwnerJwt(bearer(req)).claims.iss
  } catch {
    // Not a signed request: its handler refuses it, or does not need it to be one.
    return undefined
  }
}
