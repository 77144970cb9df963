/** Sends a page with the headers that every page has: nothing from elsewhere, no frame around it, kept nowhere. */
import type { Response } from 'express'
import helmet from 'helmet'

const OURS = "'self'"

const protection = ({ imgSrc = [OURS], formAction = [OURS] }) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [OURS],
        imgSrc,
        scriptSrc: [OURS],
        connectSrc: [OURS],
        formAction,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Other names of the operator's domain are not ours to decide about.
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  })

const PROTECTIONS = {
  plain: protection({}),
  /** Its style sheets hold drawings as data: addresses. */
  drawn: protection({ imgSrc: [OURS, 'data:'] }),
  /** Browsers hold redirects after a form to its rule too, and the form of a sign-in leads on to the provider. */
  leading: protection({ formAction: [OURS, 'https:', 'http:'] }),
}

export interface SentPage {
  readonly status?: number
  readonly page: string
  /** What it needs beyond a plain page. Default: `plain`. */
  readonly kind?: keyof typeof PROTECTIONS
}

export function sendPage(res: Response, { status = 200, page, kind = 'plain' }: SentPage): void {
  PROTECTIONS[kind](res.req, res, (fault?: unknown) => {
    if (fault !== undefined) throw new TypeError('the headers of pages cannot be made', { cause: fault })
    res.status(status).set('Cache-Control', 'no-store').type('html').send(page)
  })
}
