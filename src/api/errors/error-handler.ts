/** The last handler of the app: every thrown value becomes one answer, JSON for programs and a page for people. */
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { NodeError } from '../../errors.js'
import type { Log } from '../../lib/log.js'
import { errorPage } from '../../web/error-page.js'
import { sendPage } from '../web/send-page.js'
import { adviceFor } from './advice.js'
import { edgeError } from './edge-error.js'

export function errorHandler({ log }: { readonly log: Log }): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = edgeError(thrown)
    note(log, error, res)
    // Half an answer is out: Express then cuts the connection, which is the only honest end.
    if (res.headersSent) return next(thrown)
    if (error.retryAfterMs !== undefined) res.set('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)))
    // RFC 6750 3: a refusal names what would be accepted.
    if (error.status === 401) res.set('WWW-Authenticate', 'Bearer')
    if (wantsPage(req)) sendPage(res, { status: error.status, page: asPage(error, res) })
    else
      res
        .status(error.status)
        .set('Cache-Control', 'no-store')
        .json({ error: asJson(error, res) })
  }
}

/** Programs that say nothing, or take anything, get JSON; browsers name HTML first. */
export function wantsPage(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html'
}

const requestIdOf = ({ locals }: Response): string | undefined => locals['requestId'] as string | undefined

function asJson(error: NodeError, res: Response): object {
  const { code, publicMessage, fields, retryAfterMs } = error
  return {
    code,
    message: detailOf(error) ?? publicMessage,
    requestId: requestIdOf(res),
    ...(fields !== undefined && { fields }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** Only a plain refusal says more: a detail of anything else may tell a stranger what is here. */
function detailOf({ fate, status, publicMessage, detail }: NodeError): string | undefined {
  return fate === 'refuse' && status < 500 && detail !== undefined
    ? `${publicMessage} (${detail})`
    : undefined
}

function asPage(error: NodeError, res: Response): string {
  const { title, advice } = adviceFor(error)
  const { status, publicMessage: sentence } = error
  return errorPage({ status, title, sentence, advice, requestId: requestIdOf(res) })
}

function note(log: Log, error: NodeError, res: Response): void {
  const facts = { id: requestIdOf(res), error }
  if (error.fate === 'bug') log.error('http.failed', facts)
  else if (error.status >= 500) log.warn('http.failed', facts)
  else if (error.status === 401 || error.status === 403) log.warn('auth.refused', facts)
}
