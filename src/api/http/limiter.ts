/** One counter of requests in a window, kept in this process; past it: 429 and when to come back. */
import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { NodeError } from '../../errors.js'

/** A caller: an IPv4 address, or a whole IPv6 network of one customer. */
export const addressOf = (req: Request): string => ipKeyGenerator(req.ip ?? '')

export function limiter(
  windowMs: number,
  limit: number,
  keyGenerator: (req: Request) => string | Promise<string>,
  skip: (req: Request) => boolean = () => false,
): RequestHandler {
  return rateLimit({
    windowMs,
    limit,
    keyGenerator,
    skip,
    standardHeaders: false,
    legacyHeaders: false,
    // How many proxies are believed is TRUST_PROXY's matter, checked where it is read.
    validate: { xForwardedForHeader: false, trustProxy: false },
    handler: (req, _res, next) => {
      const { resetTime } = (req as Request & { readonly rateLimit: { readonly resetTime?: Date } }).rateLimit
      const leftMs = resetTime === undefined ? windowMs : resetTime.getTime() - Date.now()
      next(new NodeError('TOO_MANY_REQUESTS', { retryAfterMs: Math.max(1_000, leftMs) }))
    },
  })
}
