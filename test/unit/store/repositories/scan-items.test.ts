import { expect, it } from 'vitest'
import { scanItems, type LaneKey } from '../../../../src/store/index.js'
import { someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('scan items', (store) => {
  const lane = (): LaneKey => ({ database: someHash(), stream: 'files', partition: '' })
  const mark = (key: LaneKey, ids: Iterable<string>, scan: number) =>
    scanItems.mark(store().db, key, ids, scan)
  const missing = (key: LaneKey, scan: number, page: { after?: string; limit?: number } = {}) =>
    scanItems.missing(store().db, key, scan, { limit: 100, ...page })

  it('say what a later scan did not meet', async () => {
    const key = lane()
    await mark(key, ['a', 'b', 'c', 'c'], 1)
    await mark(key, new Set(['b', 'd']), 2)
    expect(await missing(key, 2)).toEqual(['a', 'c'])
    expect(await scanItems.count(store().db, key, 2)).toEqual({ all: 4, missing: 2 })
    expect(await missing(key, 1)).toEqual([])
  })

  it('are not set back by an older scan', async () => {
    const key = lane()
    await mark(key, ['a'], 2)
    await mark(key, ['a'], 1)
    expect(await missing(key, 2)).toEqual([])
  })

  it('are kept apart by database, stream and partition', async () => {
    const key = lane()
    await mark(key, ['a'], 1)
    for (const other of [lane(), { ...key, stream: 'x' }, { ...key, partition: 'p' }])
      expect(await scanItems.count(store().db, other, 2)).toEqual({ all: 0, missing: 0 })
  })

  it('are marked, paged and removed by the thousands', async () => {
    const key = lane()
    const ids = Array.from({ length: 2_500 }, (_, index) => `id ${String(index).padStart(4, '0')}`)
    await mark(key, ids, 1)
    const read: string[] = []
    for (let page = await missing(key, 2, { limit: 1_000 }); page.length > 0;) {
      read.push(...page)
      page = await missing(key, 2, { limit: 1_000, after: page.at(-1) ?? '' })
    }
    expect(read).toEqual(ids)
    await scanItems.remove(store().db, key, ids.slice(1))
    expect(await missing(key, 2)).toEqual(ids.slice(0, 1))
  })

  it('hold ids of any form', async () => {
    const key = lane()
    const ids = ['"quoted"', 'back\\slash', '{brace,d}', 'NULL', ' ', 'żółć 👩']
    await mark(key, ids, 1)
    expect(new Set(await missing(key, 2))).toEqual(new Set(ids))
    await scanItems.remove(store().db, key, ids)
    expect(await missing(key, 2)).toEqual([])
  })

  it('go with their database', async () => {
    const [key, other] = [lane(), lane()]
    await mark(key, ['a'], 1)
    await mark(other, ['a'], 1)
    await scanItems.removeByDatabase(store().db, key.database)
    expect(await missing(key, 2)).toEqual([])
    expect(await missing(other, 2)).toEqual(['a'])
  })
})
