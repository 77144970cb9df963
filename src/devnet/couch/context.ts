/** What every route of the CouchDB protocol shares: the server behind it, who asks, which database; answers nothing itself. */
import type { IncomingMessage } from 'node:http'
import type { Request } from 'express'
import { requireMember, type DatabaseAccess, type UserContext } from './access.js'
import type { Databases, OpenDatabase } from './databases.js'
import { badRequest } from './errors.js'
import type { WriteFilter } from './write-filter.js'

/** The server that the routes speak for. */
export interface CouchServer {
  readonly databases: Databases
  /** Who sends this request. @throws CouchError for credentials that are wrong; no credentials is nobody */
  identify(request: IncomingMessage): UserContext
  /** Stands between a batch and the database, for tests. */
  readonly writeFilter?: (request: IncomingMessage) => WriteFilter | undefined
}

/** A member at a database. */
export interface Visit {
  readonly database: OpenDatabase
  readonly access: DatabaseAccess
  readonly user: UserContext
}

/** Runs for a member of the database named in the path. @throws CouchError 401, 403, 404 */
export async function visit<T>(
  server: CouchServer,
  request: Request,
  run: (visit: Visit) => Promise<T>,
): Promise<T> {
  const user = server.identify(request)
  const name = pathPart(request, 'db')
  const access = server.databases.access(name)
  requireMember(access, user)
  return server.databases.use(name, (database) => run({ database, access, user }))
}

/** A named part of the path; a wildcard's parts joined by slashes. */
export function pathPart(request: Request, name: string): string {
  const value = (request.params as Record<string, string | string[] | undefined>)[name]
  if (value === undefined) throw badRequest('missing path')
  return typeof value === 'string' ? value : value.join('/')
}

/** A query parameter; the last one when it is given more than once. */
export function query(request: Request, name: string): string | undefined {
  const value = request.query[name]
  if (typeof value === 'string') return value
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string').at(-1)
    : undefined
}

export const isSet = (request: Request, name: string): boolean => query(request, name) === 'true'

/** A query parameter that holds JSON, as keys do. @throws CouchError 400 */
export function jsonQuery(request: Request, name: string): unknown {
  const text = query(request, name)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('invalid UTF-8 JSON')
  }
}

/** A whole number of the query. @throws CouchError 400 */
export function wholeNumber(request: Request, name: string): number | undefined {
  const text = query(request, name)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`Invalid value for integer: ${JSON.stringify(text)}`)
  return Number(text)
}

/** The body as a JSON object. @throws CouchError 400 */
export function bodyObject(request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('Request body must be a JSON object')
  return body as Readonly<Record<string, unknown>>
}
