/** Which addresses of the Vault's surface a web Vault may call from its own pages; the node's pages are nobody's to read. */
import { Router } from 'express'
import { crossOrigin } from '../http/cross-origin.js'

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
export function crossOriginRoutes(origins: readonly string[]): Router {
  const router = Router()
  router.all(OPEN, crossOrigin(origins))
  return router
}
