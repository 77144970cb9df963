/** Lets pages of the origins that the operator listed, such as a web Vault, call the Vault's surface. No cookie goes with such calls. */
import { Router } from 'express'

/** What a Vault calls by itself; pages and the practice Vault are nobody's to read. */
const OPEN = [
  '/providers',
  '/schemas/*path',
  '/connect/redeem',
  '/sync/:provider',
  '/syncStart/:provider',
  '/syncStatus/:provider/:syncRequestId',
  '/syncs/:syncRequestId/receipt',
  '/syncDone/:provider',
  '/disconnect/:provider',
]

/** Stands before what it opens, so that refusals can be read too. `origins` as in REDIRECT_ORIGINS. */
export function crossOrigin(origins: readonly string[]): Router {
  const listed = new Set(origins.map((url) => new URL(url).origin))
  const router = Router()
  router.all(OPEN, (req, res, next) => {
    res.vary('Origin')
    const origin = req.get('origin')
    if (origin === undefined || !listed.has(origin)) return next()
    res.set({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': 'Retry-After, X-Request-Id',
    })
    if (req.method !== 'OPTIONS' || req.get('access-control-request-method') === undefined) return next()
    res.set({
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type',
      'Access-Control-Max-Age': '600',
    })
    res.status(204).end()
  })
  return router
}
