import { expect, it } from 'vitest'
import { quarantine, type QuarantinedItem } from '../../../../src/store/index.js'
import { addConnection, NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

const DAY = 86_400_000

await onEveryStore('the quarantine', (store) => {
  type Item = Omit<QuarantinedItem, 'id' | 'createdAtMs'>
  const item = async (facts: Partial<Item> = {}): Promise<Item> => ({
    connectionId: facts.connectionId ?? (await addConnection(store())).id,
    database: someHash(),
    stream: 'posts',
    partition: '',
    itemHash: someHash(),
    sealed: 'sealed',
    reason: 'SCHEMA /name',
    expiresAtMs: NOW + 30 * DAY,
    ...facts,
  })
  const list = (database: string, nowMs = NOW, page: { afterId?: string; limit?: number } = {}) =>
    quarantine.listForRetry(store().db, database, { nowMs, ...page })

  it('keeps the same item once, with its newest seal and reason and its first day', async () => {
    const first = await item()
    await quarantine.upsert(store().db, first, NOW)
    const [before] = await list(first.database)
    const newer = {
      ...first,
      sealed: 'newer',
      reason: 'MAP_FAILED',
      partition: 'p',
      expiresAtMs: NOW + 40 * DAY,
    }
    await quarantine.upsert(store().db, newer, NOW + DAY)
    expect(await list(first.database)).toEqual([
      { ...before, sealed: 'newer', reason: 'MAP_FAILED', partition: 'p' },
    ])
  })

  it('gives an item that comes again after its time a new one', async () => {
    const first = await item({ expiresAtMs: NOW })
    await quarantine.upsert(store().db, first, NOW - 30 * DAY)
    expect(await list(first.database)).toEqual([])
    await quarantine.upsert(store().db, { ...first, expiresAtMs: NOW + 30 * DAY }, NOW)
    expect(await list(first.database)).toMatchObject([{ expiresAtMs: NOW + 30 * DAY, createdAtMs: NOW }])
  })

  it('keeps the reason storable and short, whatever an error put into it', async () => {
    const first = await item({ reason: `a\0b\ud800 ${'x'.repeat(5_000)}` })
    await quarantine.upsert(store().db, first, NOW)
    const [kept] = await list(first.database)
    expect(kept?.reason).toHaveLength(1_000)
    expect(kept?.reason.startsWith('a\uFFFDb\uFFFD x')).toBe(true)
  })

  it('is read in pages, by database, without what has expired', async () => {
    const database = someHash()
    const { connectionId } = await item()
    for (let index = 0; index < 5; index += 1)
      await quarantine.upsert(store().db, await item({ connectionId, database }), NOW)
    await quarantine.upsert(store().db, await item({ connectionId, database, expiresAtMs: NOW }), NOW)
    await quarantine.upsert(store().db, await item({ connectionId }), NOW)
    const read: string[] = []
    for (let page = await list(database, NOW, { limit: 2 }); page.length > 0;) {
      read.push(...page.map(({ id }) => id))
      page = await list(database, NOW, { limit: 2, afterId: read.at(-1) ?? '' })
    }
    expect(new Set(read).size).toBe(5)
    expect(read).toHaveLength(5)
    expect(await quarantine.count(store().db, database)).toBe(6)
  })

  it('erases what is over its time, and nothing before', async () => {
    const database = someHash()
    const { connectionId } = await item()
    await quarantine.purgeExpired(store().db, NOW)
    await quarantine.upsert(store().db, await item({ connectionId, database, expiresAtMs: NOW }), NOW)
    await quarantine.upsert(store().db, await item({ connectionId, database, expiresAtMs: NOW + 1 }), NOW)
    expect(await quarantine.purgeExpired(store().db, NOW)).toBe(1)
    expect(await quarantine.count(store().db, database)).toBe(1)
  })

  it('lets go of the rows that are named, and of a whole database', async () => {
    const database = someHash()
    const { connectionId } = await item()
    for (let index = 0; index < 3; index += 1)
      await quarantine.upsert(store().db, await item({ connectionId, database }), NOW)
    const [first, second] = (await list(database)).map(({ itemHash }) => itemHash)
    const hashes = [first ?? '', second ?? '']
    await quarantine.remove(store().db, { database, stream: 'files' }, hashes)
    await quarantine.remove(store().db, { database: someHash(), stream: 'posts' }, hashes)
    await quarantine.remove(store().db, { database, stream: 'posts' }, [])
    expect(await quarantine.count(store().db, database)).toBe(3)
    await quarantine.remove(store().db, { database, stream: 'posts' }, hashes)
    expect(await quarantine.count(store().db, database)).toBe(1)
    await quarantine.removeByDatabase(store().db, database)
    expect(await quarantine.count(store().db, database)).toBe(0)
  })
})
