/** Who may do what with a database: CouchDB's `_security` plus the write and delete lists of a validation function. Decides only. */
import { CouchError, type ErrorBody } from './errors.js'

/** CouchDB's user context. */
export interface UserContext {
  /** null: nobody signed in. */
  readonly name: string | null
  readonly roles: readonly string[]
  /** May create and delete databases. */
  readonly serverAdmin: boolean
}

export interface NamesAndRoles {
  readonly names: readonly string[]
  readonly roles: readonly string[]
}
export interface Security {
  readonly admins: NamesAndRoles
  /** Both lists empty: everybody is a member. */
  readonly members: NamesAndRoles
}

/** The rule of a `validate_doc_update` function: only these may write. */
export interface WriteRule {
  readonly names: readonly string[]
  readonly roles: readonly string[]
  /** When given, only these may delete. */
  readonly deleters?: readonly string[]
}

export interface DatabaseAccess {
  readonly security: Security
  /** Without a rule every member may write. */
  readonly write?: WriteRule
}

/** Databases made through CouchDB itself belong to server admins, as since CouchDB 3.0. */
export const ADMIN_ONLY: DatabaseAccess = {
  security: { admins: { names: [], roles: ['_admin'] }, members: { names: [], roles: ['_admin'] } },
}

const holds = (list: NamesAndRoles, user: UserContext): boolean =>
  (user.name !== null && list.names.includes(user.name)) ||
  list.roles.some((role) => user.roles.includes(role))

export const isDatabaseAdmin = (access: DatabaseAccess, user: UserContext): boolean =>
  user.serverAdmin || holds(access.security.admins, user)

/** @throws CouchError 401 for nobody, 403 for somebody who is no member */
export function requireMember(access: DatabaseAccess, user: UserContext): void {
  const { members } = access.security
  const open = members.names.length === 0 && members.roles.length === 0
  if (!open && !isDatabaseAdmin(access, user) && !holds(members, user)) throw refusal(user, 'access this db')
}

/** @throws CouchError 401 or 403 */
export function requireDatabaseAdmin(access: DatabaseAccess, user: UserContext): void {
  if (!isDatabaseAdmin(access, user)) throw notAdmin(user)
}

/** @throws CouchError 401: CouchDB says "unauthorized" here even to somebody who signed in */
export function requireServerAdmin(user: UserContext): void {
  if (!user.serverAdmin) throw new CouchError(401, 'unauthorized', 'You are not a server admin.')
}

/** Why this document may not be written by this user; `undefined` when it may. */
export function writeRefusal(
  access: DatabaseAccess,
  user: UserContext,
  doc: { readonly _id?: unknown; readonly _deleted?: unknown },
): ErrorBody | undefined {
  const { write } = access
  if (typeof doc._id === 'string' && doc._id.startsWith('_design/') && !isDatabaseAdmin(access, user))
    return notAdmin(user).body
  if (write === undefined || user.serverAdmin || write.roles.some((role) => user.roles.includes(role)))
    return undefined
  if (user.name === null || !write.names.includes(user.name)) return NOT_A_WRITER
  return doc._deleted === true && write.deleters?.includes(user.name) === false ? NOT_A_DELETER : undefined
}

/** Whether no document at all can be refused, so that a batch needs no look at each. */
export const writesFreely = (access: DatabaseAccess, user: UserContext): boolean =>
  isDatabaseAdmin(access, user) && writeRefusal(access, user, { _deleted: true }) === undefined

const NOT_A_WRITER: ErrorBody = {
  error: 'unauthorized',
  reason: 'User is not permitted to write to database',
}
const NOT_A_DELETER: ErrorBody = {
  error: 'unauthorized',
  reason: 'User is not permitted to delete from database',
}

const notAdmin = (user: UserContext): CouchError =>
  user.name === null
    ? new CouchError(401, 'unauthorized', 'You are not a db or server admin.')
    : new CouchError(403, 'forbidden', 'You are not a db or server admin.')

const refusal = (user: UserContext, what: string): CouchError =>
  user.name === null
    ? new CouchError(401, 'unauthorized', `You are not authorized to ${what}.`)
    : new CouchError(403, 'forbidden', `You are not allowed to ${what}.`)
