/** Which database holds a schema's records of a connection under the owner's present key, and which ones held them before. No I/O. */
import { hmac, type Bytes } from '../lib/keyed-hash.js'
import { idKey } from './document-id.js'
import { deriveDatabase, type DatabaseOwner } from './keys.js'
import { leavesKey } from './kept-leaves.js'
import type { DatabaseRow, NodeSecrets } from './ports.js'
import { schemaName } from './schema-name.js'

export interface DatabaseLine {
  readonly of: DatabaseOwner
  readonly name: string
  /** 32 bytes: what the owner is told. */
  readonly key: Buffer
  /** Of the document ids; the same through changes of the owner's key and of the node secret. */
  readonly idKey: Buffer
  readonly secretVersion: number
  /** Missing when it was never made. */
  readonly row: DatabaseRow | undefined
  /** Databases of the same records under other keys or secrets. */
  readonly former: readonly DatabaseRow[]
}

/** @throws NodeError CONFIG_INVALID when a node secret is missing that one of these databases needs */
export function findLine(
  rows: readonly DatabaseRow[],
  secrets: NodeSecrets,
  of: DatabaseOwner,
  ownerKey: Bytes,
): DatabaseLine {
  const family = rows.filter((row) => schemaName(row.schemaUri) === schemaName(of.schema))
  const derived = (version: number) =>
    deriveDatabase({ ...of, nodeSecret: secrets.secret(version), ownerKey })
  const row = family.find((candidate) => derived(candidate.secretVersion).name === candidate.name)
  const secretVersion = row?.secretVersion ?? secrets.current
  // Ids stay those of the oldest database: with others the Vault would get every record a second time.
  const idVersion = family[0]?.secretVersion ?? secretVersion
  return {
    of,
    ...derived(secretVersion),
    idKey: idKey(secrets.secret(idVersion), of),
    secretVersion,
    row,
    former: family.filter((other) => other !== row),
  }
}

export const isLive = (row: DatabaseRow | undefined): row is DatabaseRow =>
  row !== undefined && row.forgottenAtMs === null

/** What is kept of the owner's key beside a database: enough to know it again, useless without the node secret. */
export function ownerKeyHash(nodeSecret: Bytes, ownerKey: Bytes): string {
  return hmac(nodeSecret, ['cn/1/owner-key', Buffer.from(ownerKey).toString('hex')]).toString('hex')
}

export function leavesKeyOf(
  secrets: NodeSecrets,
  of: DatabaseOwner,
  row: Pick<DatabaseRow, 'secretVersion'>,
): Buffer {
  return leavesKey(secrets.secret(row.secretVersion), of)
}
