import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/clock.js'
import type { StagedRow } from '../../../src/vault/index.js'
import { StagingArea } from '../../../src/vault/staging-area.js'

let folder: string
const rows = new Map<string, StagedRow>()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'staging-'))
  rows.clear()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const openArea = (): StagingArea =>
  new StagingArea({
    folder,
    maxBytes: 1_000_000,
    clock: systemClock,
    ledger: {
      add: async (row) => void rows.set(row.id, row),
      remove: async (id) => void rows.delete(id),
      list: async () => [...rows.values()],
    },
  })
const of = { connectionId: 'one', leaseNumber: 1, database: 'db', nodes: ['http://node/'] }
const document = { _id: 'a', _rev: '1-aa', _revisions: { start: 1, ids: ['aa'] }, payload: 'sealed' }
const left = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith('.'))

describe('an erasure', () => {
  it('leaves neither a folder nor a row', async () => {
    const area = openArea()
    const staging = await area.create(of)
    await staging.add([document])
    expect(await left()).toHaveLength(1)
    await area.remove(staging)
    expect([await left(), rows.size]).toEqual([[], 0])
  })
  it('that cannot be begun is said, keeps the row, and is finished when it can be', async () => {
    const area = openArea()
    const staging = await area.create(of)
    await staging.add([document])
    const mark = `${staging.folder}.erase`
    await mkdir(mark)
    await expect(area.remove(staging)).rejects.toMatchObject({ code: 'ERASE_INCOMPLETE' })
    expect(rows.size).toBe(1)
    await rm(mark, { recursive: true })
    await area.remove(staging)
    expect([await left(), rows.size]).toEqual([[], 0])
  })
})
