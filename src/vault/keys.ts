/** Database names and keys, derived and never stored: each needs a node secret and the owner's key together (protocol.md 1). */
import { hkdf, hkdfExpand, type Bytes } from '../lib/keyed-hash.js'
import type { SchemaUri } from '../sync/record.js'
import { schemaName } from './schema-name.js'

/** Whose records a database holds: one database per owner, provider, account and schema. */
export interface DatabaseOwner {
  /** Canonical DID. */
  readonly owner: string
  readonly provider: string
  readonly accountId: string
  readonly schema: SchemaUri
}

export interface DatabaseSeed extends DatabaseOwner {
  /** The node secret of the database's version. */
  readonly nodeSecret: Bytes
  /** The Vault's `key`, or in node custody the connection's own secret; 32 bytes. */
  readonly ownerKey: Bytes
}

export interface DatabaseIdentity {
  /** 64 hex characters. */
  readonly name: string
  /** 32 bytes: what the owner is told; the other keys of the database come from it. */
  readonly key: Buffer
}

/** @throws RangeError when a secret is not 32 bytes or longer, or the owner's key not 32 */
export function deriveDatabase(seed: DatabaseSeed): DatabaseIdentity {
  if (seed.nodeSecret.length < 32) throw new RangeError('a node secret has 32 bytes or more')
  if (seed.ownerKey.length !== 32) throw new RangeError("an owner's key has 32 bytes")
  const of = [seed.owner, seed.provider, seed.accountId, schemaName(seed.schema)]
  return {
    name: hkdf(seed.ownerKey, seed.nodeSecret, ['cn/1/name', ...of]).toString('hex'),
    key: hkdf(seed.ownerKey, seed.nodeSecret, ['cn/1/db', ...of]),
  }
}

/** One key, one use. The owner can derive them from the database key, and so recompute revisions. */
export interface DatabaseKeys {
  readonly revKey: Buffer
  readonly cursorKey: Buffer
  readonly quarantineKey: Buffer
}

export function databaseKeys(key: Bytes): DatabaseKeys {
  return {
    revKey: hkdfExpand(key, 'cn/1/rev'),
    cursorKey: hkdfExpand(key, 'cn/1/cursor'),
    quarantineKey: hkdfExpand(key, 'cn/1/quarantine'),
  }
}
