/** Remembers who asks while a request is answered, for the audit log: the address, as far as proxies are trusted, and the request's id. */
import type { RequestHandler } from 'express'
import { asRequest } from '../../lib/request-origin.js'

export const rememberOrigin: RequestHandler = (req, res, next) => {
  asRequest({ address: req.ip ?? null, requestId: String(res.locals['requestId']) }, next)
}
