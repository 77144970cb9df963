/** Sends a page with the headers that every page has: nothing from elsewhere, no frame around it, kept nowhere. */
import type { Response } from 'express'
import helmet from 'helmet'

const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      scriptSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  // Other names of the operator's domain are not ours to decide about.
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
})

export function sendPage(
  res: Response,
  { status = 200, page }: { readonly status?: number; readonly page: string },
): void {
  protect(res.req, res, (fault?: unknown) => {
    if (fault !== undefined) throw new TypeError('the headers of pages cannot be made', { cause: fault })
    res.status(status).set('Cache-Control', 'no-store').type('html').send(page)
  })
}
