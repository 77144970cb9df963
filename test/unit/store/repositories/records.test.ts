import { expect, it, vi } from 'vitest'
import { records, storableJson, type Connector, type NewRecord } from '../../../../src/store/index.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { isWaitedFor, onEveryStore } from '../../../support/store-suite.js'
import { addConnector, someRecord } from '../../../support/tenant-rows.js'

await onEveryStore('records', (store, kind) => {
  const write = (rows: readonly NewRecord[], nowMs = NOW) =>
    store().tenant('one', (tx) => records.upsertMany(tx, rows, nowMs))
  const list = ({ id }: Connector, page = {}) =>
    store().tenant('one', (tx) => records.list(tx, { connectorId: id, limit: 10_000, ...page }))
  const hashes = (row: NewRecord, ids = [row.documentId]) =>
    store().tenant('one', (tx) => records.hashes(tx, row, ids))
  const tombstone = (row: NewRecord, ids = [row.documentId], nowMs = NOW) =>
    store().tenant('one', (tx) => records.tombstone(tx, row, ids, nowMs))
  const connector = () => addConnector(store(), 'one')

  it('are written when new or changed, and the same again writes nothing', async () => {
    const of = await connector()
    const row = someRecord(of)
    expect(await write([row])).toEqual({ written: 1, unchanged: 0 })
    const [first] = await list(of)
    expect(first).toMatchObject({ ...row, deleted: false, createdAtMs: NOW, updatedAtMs: NOW })
    expect(await write([row, someRecord(of)], NOW + 1)).toEqual({ written: 1, unchanged: 1 })
    expect((await list(of))[0]).toEqual(first)
    const changed = { ...row, data: { text: 'new' }, contentHash: someHash(), stream: 's2', sourceId: 'x' }
    expect(await write([changed], NOW + 2)).toEqual({ written: 1, unchanged: 0 })
    const last = (await list(of)).at(-1)
    expect(last).toMatchObject({ ...changed, createdAtMs: NOW, updatedAtMs: NOW + 2 })
    expect(last?.sequence).toBeGreaterThan(first?.sequence ?? 0)
  })

  it('of one document twice: the last counts', async () => {
    const of = await connector()
    const row = someRecord(of)
    const last = { ...row, data: { text: 'last' }, contentHash: someHash() }
    expect(await write([row, last])).toEqual({ written: 1, unchanged: 1 })
    expect((await list(of)).map(({ data }) => data)).toEqual([{ text: 'last' }])
  })

  it('are written by the thousands, and large ones too', async () => {
    const of = await connector()
    const rows = Array.from({ length: 1_300 }, () => someRecord(of))
    const large = Array.from({ length: 4 }, () =>
      someRecord(of, { data: { text: 'x'.repeat(2 * 1024 * 1024) } }),
    )
    expect(await write([...rows, ...large])).toEqual({ written: 1_304, unchanged: 0 })
    expect(await store().tenant('one', (tx) => records.count(tx, of.id))).toBe(1_304)
    const ids = [...rows, ...large].map(({ documentId }) => documentId)
    const kept = await hashes(rows[0] ?? someRecord(of), [...ids, 'missing'])
    expect(new Map(kept)).toEqual(
      new Map([...rows, ...large].map((row) => [row.documentId, row.contentHash])),
    )
    expect(await write([])).toEqual({ written: 0, unchanged: 0 })
  })

  it('that are deleted lose their content, are told once, and live again when written', async () => {
    const of = await connector()
    const row = someRecord(of)
    await write([row])
    const before = (await list(of))[0]?.sequence ?? 0
    expect(await tombstone(row, [row.documentId, 'missing'], NOW + 1)).toBe(1)
    expect(await tombstone(row)).toBe(0)
    expect(await list(of)).toEqual([])
    const [mark] = await list(of, { includeDeleted: true })
    expect(mark).toMatchObject({ deleted: true, data: {}, updatedAtMs: NOW + 1 })
    expect(mark?.sequence).toBeGreaterThan(before)
    expect(await hashes(row)).toEqual(new Map([[row.documentId, records.DELETED]]))
    expect(await write([row], NOW + 2)).toEqual({ written: 1, unchanged: 0 })
    expect(await list(of)).toMatchObject([{ data: row.data, deleted: false }])
  })

  it('are listed by schema and stream, in pages that follow every change', async () => {
    const of = await connector()
    const [post, file, other] = [
      someRecord(of),
      someRecord(of, { schemaUri: 'https://schemas.test/file.json', stream: 'files' }),
      someRecord(of, { stream: 'more' }),
    ]
    for (const row of [post, file, other]) await write([row])
    const ids = async (page = {}) => (await list(of, page)).map(({ documentId }) => documentId)
    expect(await ids()).toEqual([post.documentId, file.documentId, other.documentId])
    expect(await ids({ schemaUri: file.schemaUri })).toEqual([file.documentId])
    expect(await ids({ stream: 'more' })).toEqual([other.documentId])
    const [first] = await list(of, { limit: 1 })
    await write([{ ...post, contentHash: someHash() }])
    expect(await ids({ afterSequence: first?.sequence })).toEqual([
      file.documentId,
      other.documentId,
      post.documentId,
    ])
  })

  it('are committed in the order of their numbers, so that a reader who follows them misses none', async () => {
    const of = await connector()
    const [early, late] = [someRecord(of), someRecord(of)]
    const order: string[] = []
    let enter: () => void = () => undefined
    const entered = new Promise<void>((resolve) => (enter = resolve))
    const second = entered.then(() => write([late])).then(() => order.push('late'))
    await store().tenant('one', async (tx) => {
      await records.upsertMany(tx, [early], NOW)
      enter()
      // On a server the second comes as far as the first one's lock; embedded it waits for the one session.
      if (kind === 'postgres') await vi.waitUntil(() => isWaitedFor(tx), { interval: 5, timeout: 20_000 })
      order.push('early')
    })
    await second
    expect(order).toEqual(['early', 'late'])
    expect((await list(of)).map(({ documentId }) => documentId)).toEqual([early.documentId, late.documentId])
  })

  it('hold whatever JSON a provider gives, as storableJson says it will be read', async () => {
    const of = await connector()
    const data = { 'na\0me': 'a\0b', lone: '\ud800', pair: '👩', list: [1e21, -0.5, null, ['\udfff']] }
    await write([someRecord(of, { data, sourceId: 'id\0' })])
    expect(await list(of)).toMatchObject([{ data: storableJson(data), sourceId: 'id\uFFFD' }])
  })

  it('go with their connector, marks of deletion too', async () => {
    const [of, other] = [await connector(), await connector()]
    const row = someRecord(of)
    await write([row, someRecord(of), someRecord(other)])
    await tombstone(row)
    expect(await store().tenant('one', (tx) => records.removeByConnector(tx, of.id))).toBe(2)
    expect(await list(of, { includeDeleted: true })).toEqual([])
    expect(await list(other)).toHaveLength(1)
  })
})
