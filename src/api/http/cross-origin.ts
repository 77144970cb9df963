/** Lets the web pages of listed origins call an address (CORS). No cookies are taken, so none are allowed for. */
import type { RequestHandler } from 'express'

const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const REQUEST_HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Tenant'
const ANSWER_HEADERS = 'ETag, Idempotency-Replayed, Location, Retry-After, X-Request-Id'
const PREFLIGHT_SECONDS = '600'

/** `origins`: exact ones, also given as addresses. Pages of others get no permission, and what they ask is served as to any program. */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins.map((url) => new URL(url).origin))
  return (req, res, next) => {
    res.vary('Origin')
    const origin = req.get('origin')
    if (origin === undefined || !allowed.has(origin)) return next()
    res.set('Access-Control-Allow-Origin', origin)
    res.set('Access-Control-Expose-Headers', ANSWER_HEADERS)
    if (req.method !== 'OPTIONS' || req.get('access-control-request-method') === undefined) return next()
    res
      .set('Access-Control-Allow-Methods', METHODS)
      .set('Access-Control-Allow-Headers', REQUEST_HEADERS)
      .set('Access-Control-Max-Age', PREFLIGHT_SECONDS)
      .status(204)
      .end()
  }
}
