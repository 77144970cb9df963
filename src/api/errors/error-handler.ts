/** The last handler of the app: every thrown value becomes one answer, JSON for programs and a page for people. */
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { NodeError } from '../../errors.js'
import type { Log } from '../../lib/log.js'
import { errorPage } from '../../web/error-page.js'
import { failureEnvelope, isBelow } from '../http/envelope.js'
import { sendPage } from '../web/send-page.js'
import { adviceFor } from './advice.js'
import { edgeError } from './edge-error.js'
import { errorJson, requestIdOf } from './error-json.js'

export interface ErrorHandlerOptions {
  readonly log: Log
  /** API_PREFIX: addresses below it answer in envelopes. Missing: there are none. */
  readonly apiPrefix?: string
}

/** Where waiting helps and nobody knows how long. */
const USUAL_WAIT_MS = 5_000

export function errorHandler({ log, apiPrefix }: ErrorHandlerOptions): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = edgeError(thrown)
    note(log, error, res)
    // Half an answer is out: Express then cuts the connection, which is the only honest end.
    if (res.headersSent) return next(thrown)
    const waitMs = error.retryAfterMs ?? (error.fate === 'retry' ? USUAL_WAIT_MS : undefined)
    if (waitMs !== undefined) res.set('Retry-After', String(Math.ceil(waitMs / 1000)))
    // RFC 6750 3: a refusal names what would be accepted.
    if (error.status === 401) res.set('WWW-Authenticate', 'Bearer')
    const isEnveloped = apiPrefix !== undefined && isBelow(apiPrefix, req.path)
    if (!isEnveloped && wantsPage(req)) sendPage(res, { status: error.status, page: asPage(error, res) })
    else
      res
        .status(error.status)
        .set('Cache-Control', 'no-store')
        .json(isEnveloped ? failureEnvelope(error, res) : { error: errorJson(error, res) })
  }
}

/** Programs that say nothing, or take anything, get JSON; browsers name HTML first. */
export function wantsPage(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html'
}

function asPage(error: NodeError, res: Response): string {
  const { title, advice } = adviceFor(error)
  const { code, status, publicMessage: sentence, fields = [] } = error
  // Said to nobody else: fields are not logged.
  const notes = code === 'ADDRESS_DIFFERS' ? fields.map(({ message }) => message) : []
  return errorPage({ status, title, sentence, notes, advice, requestId: requestIdOf(res) })
}

function note(log: Log, error: NodeError, res: Response): void {
  const facts = { id: requestIdOf(res), error }
  if (error.fate === 'bug') log.error('http.failed', facts)
  else if (error.status >= 500) log.warn('http.failed', facts)
  else if (error.status === 401 || error.status === 403) log.warn('auth.refused', facts)
}
