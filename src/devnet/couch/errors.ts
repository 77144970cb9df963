/** CouchDB's error bodies: `{error, reason}` with a status. https://docs.couchdb.org/en/stable/json-structure.html#couchdb-error-status */
import type { ErrorRequestHandler } from 'express'
import type { WriteRow } from './pouch.js'

export interface ErrorBody {
  readonly error: string
  readonly reason: string
}

export class CouchError extends Error {
  override readonly name = 'CouchError'
  constructor(
    readonly status: number,
    readonly error: string,
    readonly reason: string,
  ) {
    super(`${error}: ${reason}`)
  }
  get body(): ErrorBody {
    return { error: this.error, reason: this.reason }
  }
}

export const badRequest = (reason: string): CouchError => new CouchError(400, 'bad_request', reason)
export const notFound = (reason: string): CouchError => new CouchError(404, 'not_found', reason)
export const noDatabase = (): CouchError => notFound('Database does not exist.')

const REASONS: Readonly<Record<string, string>> = { conflict: 'Document update conflict.' }

/** PouchDB's and body-parser's errors as CouchDB words them; anything else is a 500. */
export function toCouchError(thrown: unknown): CouchError {
  if (thrown instanceof CouchError) return thrown
  const { status, name, reason, message, type } = thrown as {
    status?: unknown
    name?: unknown
    reason?: unknown
    message?: unknown
    type?: unknown
  }
  if (type === 'entity.too.large') return new CouchError(413, 'too_large', 'the request entity is too large')
  if (type === 'entity.parse.failed') return badRequest('invalid UTF-8 JSON')
  if (typeof status !== 'number' || typeof name !== 'string')
    return new CouchError(500, 'internal_server_error', 'No reason was given.')
  const given = typeof reason === 'string' ? reason : typeof message === 'string' ? message : name
  return new CouchError(status, name, REASONS[name] ?? given)
}

/** A refused row of `_bulk_docs` as CouchDB gives it. */
export function errorRow(id: string, row: WriteRow): { readonly id: string } & ErrorBody {
  return { id, ...toCouchError(row).body }
}

export const answerCouchErrors: ErrorRequestHandler = (thrown, _request, response, next) => {
  if (response.headersSent) return next(thrown)
  const error = toCouchError(thrown)
  response.status(error.status).json(error.body)
}
