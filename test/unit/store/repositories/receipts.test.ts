import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  receipts,
  vaultDatabases,
  type NewReceipt,
  type Store,
  type VaultDatabase,
} from '../../../../src/store/index.js'
import { addConnection, addDatabase, NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

const ZEROS = '0'.repeat(64)

function next({ name, nextSequence, lastReceiptHash }: VaultDatabase): NewReceipt {
  return {
    database: name,
    sequence: nextSequence,
    previous: lastReceiptHash,
    syncId: randomUUID(),
    leaseNumber: 28_000_000,
    body: { version: 1, list: ['a'] },
    signature: '0xsigned',
    hash: someHash(),
    nowMs: NOW,
  }
}

const append = (store: Store, receipt: NewReceipt): Promise<void> =>
  store.transaction((tx) => receipts.append(tx, receipt))

await onEveryStore('receipts', (store) => {
  const database = async (): Promise<VaultDatabase> => addDatabase(store(), await addConnection(store()))
  const again = async ({ name }: VaultDatabase): Promise<VaultDatabase> => {
    const row = await vaultDatabases.get(store().db, name)
    if (row === undefined) throw new Error('no such database')
    return row
  }

  it('begin with sequence 1 after 64 zeros and move the chain of their database on', async () => {
    const row = await database()
    const first = next(row)
    expect(first).toMatchObject({ sequence: 1, previous: ZEROS })
    await append(store(), first)
    expect(await again(row)).toMatchObject({ nextSequence: 2, lastReceiptHash: first.hash })
    const { database: name, sequence, syncId, leaseNumber, body, signature, hash, nowMs } = first
    const kept = { database: name, sequence, syncId, leaseNumber, body, signature, hash, createdAtMs: nowMs }
    expect(await receipts.listByDatabase(store().db, row.name)).toEqual([kept])
  })

  it('are refused, and nothing is kept, unless they follow the last one', async () => {
    const row = await database()
    await append(store(), next(row))
    const following = next(await again(row))
    const wrong: Partial<NewReceipt>[] = [
      { sequence: 1, previous: ZEROS },
      { sequence: 3 },
      { previous: ZEROS },
      { previous: someHash() },
      { database: 'no such database' },
    ]
    for (const facts of wrong)
      await expect(append(store(), { ...following, ...facts })).rejects.toMatchObject({
        code: 'WRITE_CONFLICT',
      })
    expect(await receipts.listByDatabase(store().db, row.name)).toHaveLength(1)
    expect((await again(row)).nextSequence).toBe(2)
    await append(store(), following)
  })

  it('never fork: of twenty runs that append the same one, one does', async () => {
    const row = await database()
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => append(store(), { ...next(row), hash: someHash() })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const [only, ...more] = await receipts.listByDatabase(store().db, row.name)
    expect(more).toEqual([])
    expect((await again(row)).lastReceiptHash).toBe(only?.hash)
  })

  it('go with the transaction they belong to', async () => {
    const row = await database()
    const failing = store().transaction(async (tx) => {
      await receipts.append(tx, next(row))
      throw new Error('later step failed')
    })
    await expect(failing).rejects.toThrow('later step failed')
    expect(await again(row)).toEqual(row)
    expect(await receipts.listByDatabase(store().db, row.name)).toEqual([])
  })

  it('are listed of one sync, and of one database in pages', async () => {
    const [one, other] = [await database(), await database()]
    const syncId = randomUUID()
    await append(store(), { ...next(one), syncId })
    await append(store(), { ...next(other), syncId })
    for (let count = 0; count < 3; count += 1) await append(store(), next(await again(one)))
    const ofSync = await receipts.listBySync(store().db, syncId)
    expect(ofSync.map(({ database }) => database)).toEqual([one.name, other.name].sort())
    const page = await receipts.listByDatabase(store().db, one.name, { afterSequence: 1, limit: 2 })
    expect(page.map(({ sequence }) => sequence)).toEqual([2, 3])
    expect(await receipts.listBySync(store().db, 'no uuid')).toEqual([])
  })
})
