/** A storage node's permissions as CouchDB enforces them: `_security` and a validation function's lists. Decides nothing per request. */
import type { DatabaseAccess } from '../couch/access.js'
import { contextHash, userName } from '../verida-signature.js'
import type { Caller } from './tokens.js'

export type Audience = 'owner' | 'users' | 'public'

/** As Verida's clients send them; lists hold DIDs. */
export interface Permissions {
  readonly read?: Audience | undefined
  readonly write?: Audience | undefined
  readonly readList?: readonly string[] | undefined
  readonly writeList?: readonly string[] | undefined
  readonly deleteList?: readonly string[] | undefined
}

/** A database of a context: who may do what, and the name that its hash came from. */
export interface StorageEntry extends DatabaseAccess {
  /** Missing for a database that was made through CouchDB itself. */
  readonly grant?: {
    readonly owner: Caller
    readonly databaseName: string
    readonly permissions: Permissions
  }
}

/** CouchDB's user for what is open to everybody. */
export const PUBLIC_USER = 'verida-public'

/** Of other storage nodes that copy this context's databases here. */
export const replicaterRole = ({ did, contextName }: Caller): string =>
  `r${contextHash(did, contextName)}-replicater`

/**
 * Who reads also lists who writes: members are both. The names of listed DIDs are hashed with the owner's context, so that
 * they sign in here under that context. Everybody may write when it is public, and then only the owner may delete.
 */
export function entryFor(owner: Caller, databaseName: string, permissions: Permissions): StorageEntry {
  const ownerName = userName(owner.did, owner.contextName)
  const names = (audience: Audience | undefined, dids: readonly string[] = []): readonly string[] => {
    if (audience === 'public') return [ownerName, PUBLIC_USER]
    if (audience !== 'users') return [ownerName]
    return [ownerName, ...dids.map((did) => userName(did, owner.contextName))]
  }
  const readers = names(permissions.read, permissions.readList)
  const writers = names(permissions.write, permissions.writeList)
  const role = replicaterRole(owner)
  return {
    grant: { owner, databaseName, permissions },
    security: {
      admins: { names: [ownerName], roles: [] },
      members: { names: [...new Set([...readers, ...writers])], roles: [role] },
    },
    write: {
      names: writers,
      roles: [role],
      ...(permissions.write === 'public' ? { deleters: [ownerName] } : {}),
    },
  }
}
