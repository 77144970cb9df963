import { expect, it } from 'vitest'
import { syncCursors, type LaneKey } from '../../../../src/store/index.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'

await onEveryStore('cursors', (store) => {
  const lane = (facts: Partial<LaneKey> = {}): LaneKey => ({
    database: someHash(),
    stream: 'posts',
    partition: '',
    ...facts,
  })
  const put = (key: LaneKey, cursorSealed: string | null, nowMs = NOW, scanNumber = 1) =>
    syncCursors.put(store().db, { ...key, revision: 1, cursorSealed, scanNumber }, nowMs)

  it('are one per database, stream and partition; the newest stays', async () => {
    const key = lane()
    await put(key, 'first')
    await put(key, null, NOW + 1, 2)
    expect(await syncCursors.get(store().db, key)).toEqual({
      ...key,
      revision: 1,
      cursorSealed: null,
      scanNumber: 2,
      updatedAtMs: NOW + 1,
    })
    expect(await syncCursors.get(store().db, { ...key, partition: 'p' })).toBeUndefined()
    expect(await syncCursors.get(store().db, { ...key, stream: 'files' })).toBeUndefined()
  })

  it('are listed and forgotten by database', async () => {
    const { database } = lane()
    const keys = [
      lane({ database, partition: 'b' }),
      lane({ database, partition: 'a' }),
      lane({ database, stream: 'a' }),
    ]
    for (const key of keys) await put(key, 'x')
    const elsewhere = lane()
    await put(elsewhere, 'x')
    const listed = await syncCursors.listByDatabase(store().db, database)
    expect(listed.map(({ stream, partition }) => [stream, partition])).toEqual([
      ['a', ''],
      ['posts', 'a'],
      ['posts', 'b'],
    ])
    await syncCursors.removeByDatabase(store().db, database)
    expect(await syncCursors.listByDatabase(store().db, database)).toEqual([])
    expect(await syncCursors.get(store().db, elsewhere)).toBeDefined()
  })
})
