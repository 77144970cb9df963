/** The one shape of every answer below API_PREFIX: what was asked for, or why not, and where the list goes on. */
import type { Response } from 'express'
import type { NodeError } from '../../errors.js'
import { publicDetail, publicSentence, requestIdOf } from '../errors/error-json.js'
import { pageOf } from './page-cursor.js'

export interface Told {
  /** Default: 200. */
  readonly status?: number
  /** A sentence for people. */
  readonly message?: string
  /** Of lists. */
  readonly page?: { readonly nextCursor: string | null; readonly limit: number }
}

export function sendEnvelope(res: Response, data: object | null, told: Told = {}): void {
  const { status = 200, message, page } = told
  res.status(status).json({
    success: true,
    ...(message !== undefined && { message }),
    data,
    error: null,
    meta: { requestId: requestIdOf(res), ...(page !== undefined && { page }) },
  })
}

export interface Listed<R> {
  readonly limit: number
  readonly show: (row: R) => object
  readonly cursorAfter: (last: R) => string
}

/** A page of rows that were asked for one more than `limit`. */
export function sendList<R>(
  res: Response,
  rows: readonly R[],
  { limit, show, cursorAfter }: Listed<R>,
): void {
  const { data, next_cursor: nextCursor } = pageOf(rows, limit, show, cursorAfter)
  sendEnvelope(res, data, { page: { nextCursor, limit } })
}

/** RFC 9457 3.1.1: a tag (RFC 4151) for what leads to no page. The code is the last part. */
const PROBLEM_TYPES = 'tag:connector-node.org,2026:errors/'

/** The members of RFC 9457 beside the code and sentence of the other surfaces. */
export function failureEnvelope(error: NodeError, res: Response): object {
  const { code, status, publicMessage, fields, retryAfterMs } = error
  const requestId = requestIdOf(res)
  const detail = publicDetail(error)
  return {
    success: false,
    data: null,
    error: {
      code,
      message: publicSentence(error),
      type: `${PROBLEM_TYPES}${code}`,
      title: publicMessage,
      status,
      ...(detail !== undefined && { detail }),
      ...(requestId !== undefined && { instance: `urn:uuid:${requestId}` }),
      ...(fields !== undefined && { errors: fields }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
    meta: { requestId },
  }
}

/** Whether an address answers in envelopes. `prefix`: API_PREFIX. */
export function isBelow(prefix: string, path: string): boolean {
  // Express matches paths whatever their case.
  const asked = path.toLowerCase()
  const below = prefix.toLowerCase()
  return asked === below || asked.startsWith(`${below}/`)
}
