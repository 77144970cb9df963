/** The newest receipt of each database: what its owner checks that database against. */
import { receipts, vaultDatabases, type Store } from '../store/index.js'
import type { Receipt, ReceiptBody } from './receipt.js'

/** Databases without one are left out. */
export async function lastReceipts(store: Store, databases: readonly string[]): Promise<readonly Receipt[]> {
  const found = await Promise.all(
    databases.map(async (name) => {
      const row = await vaultDatabases.get(store.db, name)
      if (row === undefined) return []
      const page = { afterSequence: row.nextSequence - 2, limit: 1 }
      const rows = await receipts.listByDatabase(store.db, name, page)
      return rows.map(({ body, hash, signature }) => ({
        body: body as unknown as ReceiptBody,
        hash,
        signature,
      }))
    }),
  )
  return found.flat()
}
