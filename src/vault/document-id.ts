/** Document ids: keyed hashes, so that a storage node learns nothing of the provider's ids (protocol.md 1.3). */
import { hkdf, hmac, type Bytes } from '../lib/keyed-hash.js'
import type { DatabaseOwner } from './keys.js'
import { schemaName } from './schema-name.js'

/**
 * The key of a database's document ids. The Vault's `key` is not part of it: after a change of that key every record
 * keeps its id, so that the Vault does not get a second copy of it.
 */
export function idKey(nodeSecret: Bytes, of: DatabaseOwner): Buffer {
  return hkdf(nodeSecret, new Uint8Array(0), [of.owner, of.provider, of.accountId, schemaName(of.schema)])
}

/** 32 hex characters. `sourceId` is the provider's own id of the item. */
export function documentId(key: Bytes, stream: string, sourceId: string): string {
  return hmac(key, [stream, sourceId]).toString('hex', 0, 16)
}
