/** Signed receipts, one chain per database: a number follows its predecessor, and so does its hash. */
import type { Selectable } from 'kysely'
import { NodeError } from '../../errors.js'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Handle, Tx } from '../handle.js'
import { isUuid, jsonb } from '../sql-values.js'
import type { ReceiptsTable } from '../tables.js'

export type ReceiptRow = Readonly<Selectable<ReceiptsTable>>

export interface NewReceipt {
  readonly database: string
  /** The database's `nextSequence`. */
  readonly sequence: number
  /** The database's `lastReceiptHash`. */
  readonly previous: string
  readonly syncId: string
  readonly leaseNumber: number
  readonly body: JsonObject
  readonly signature: string
  readonly hash: string
  readonly nowMs: number
}

/**
 * Adds the next receipt of a database and moves its chain on.
 * @throws NodeError WRITE_CONFLICT when it is not the next one: another run appended, or there is no such database
 */
export async function append(tx: Tx, receipt: NewReceipt): Promise<void> {
  const { previous, body, nowMs, ...columns } = receipt
  const { numUpdatedRows } = await tx
    .updateTable('vaultDatabases')
    .set({ nextSequence: receipt.sequence + 1, lastReceiptHash: receipt.hash })
    .where('name', '=', receipt.database)
    .where('nextSequence', '=', receipt.sequence)
    .where('lastReceiptHash', '=', previous)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) {
    throw new NodeError('WRITE_CONFLICT', {
      detail: `receipt ${receipt.sequence} does not follow the last one of its database`,
    })
  }
  await tx
    .insertInto('receipts')
    .values({ ...columns, body: jsonb(body), createdAtMs: nowMs })
    .execute()
}

/** Of one sync, by database and in order. */
export async function listBySync(handle: Handle, syncId: string): Promise<readonly ReceiptRow[]> {
  if (!isUuid(syncId)) return []
  return handle
    .selectFrom('receipts')
    .selectAll()
    .where('syncId', '=', syncId)
    .orderBy('database')
    .orderBy('sequence')
    .execute()
}

/** In order; the next page starts after the last sequence of this one. */
export async function listByDatabase(
  handle: Handle,
  database: string,
  page: { readonly afterSequence?: number; readonly limit?: number } = {},
): Promise<readonly ReceiptRow[]> {
  return handle
    .selectFrom('receipts')
    .selectAll()
    .where('database', '=', database)
    .where('sequence', '>', page.afterSequence ?? 0)
    .orderBy('sequence')
    .limit(page.limit ?? 200)
    .execute()
}
