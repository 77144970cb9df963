/** Writes the head of a receipt chain beside the data. A node that does not take it now gets it when the database is opened next. */
import { planHead, type Head, type HeadKeys } from './chain-heads.js'
import { pushDocuments } from './push-documents.js'
import type { VaultDatabase } from './vault-database.js'

export function headKeys(database: VaultDatabase, leaseNumber: number): HeadKeys {
  const { headId: id, revKey, envelope, generationFloor } = database
  return { id, revKey, envelope, leaseNumber, ...(generationFloor === undefined ? {} : { generationFloor }) }
}

export async function publishHead(database: VaultDatabase, leaseNumber: number, head: Head): Promise<void> {
  const { documents, leaves } = planHead(headKeys(database, leaseNumber), database.headLeaves, head)
  if (documents.length === 0) return
  await pushDocuments(database.targets, documents)
  database.headLeaves = leaves
}
