import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedSince, z } from '../../../../src/provider/index.js'
import { Reader, restsOf } from './reader.js'

interface Row {
  readonly id: string
  /** As the service tells it: cut to a tick. */
  readonly ms: number
  readonly version: number
  readonly shownAt: number
}

const OVERLAP = 50
const TICK = 10
type How = 'after' | 'inclusive' | 'token'

/** A service that can be asked for what changed since a time, and shows a change late by less than the overlap less a tick. */
class Table {
  clock = 1_000
  rows = new Map<string, Row[]>()
  calls = 0
  #versions = 0

  constructor(
    private readonly how: How,
    private readonly size: number,
  ) {}

  write(id: string, lateMs = 0): void {
    const ms = Math.floor(this.clock / TICK) * TICK
    const row = { id, ms, version: (this.#versions += 1), shownAt: this.clock + lateMs }
    this.rows.set(id, [...(this.rows.get(id) ?? []), row])
  }

  /** The last version of each that is shown. */
  shown(): Row[] {
    return [...this.rows.values()].flatMap(
      (versions) => versions.filter(({ shownAt }) => shownAt <= this.clock).at(-1) ?? [],
    )
  }

  list({
    sinceMs = -1,
    afterId = '',
    token = '',
  }: {
    sinceMs?: number | undefined
    afterId?: string | undefined
    token?: string | undefined
  }) {
    this.calls += 1
    const since = this.shown().filter(({ ms }) => ms >= sinceMs)
    if (this.how === 'token') {
      const rest = since.filter(({ id }) => id > token).sort((a, b) => (a.id < b.id ? -1 : 1))
      const items = rest.slice(0, this.size)
      return { items, next: rest.length > this.size ? items.at(-1)?.id : undefined }
    }
    const exact = this.how === 'after' ? since.filter((row) => row.ms > sinceMs || row.id > afterId) : since
    const sorted = exact.sort((a, b) => a.ms - b.ms || (a.id < b.id ? -1 : 1))
    return { items: sorted.slice(0, this.size), more: sorted.length > this.size }
  }
}

const partOf = (table: Table) =>
  changedSince({
    token: z.string(),
    position: (item) => item as Row,
    list: async (_http, place) => table.list(place),
    overlapMs: OVERLAP,
  })

const versionsOf = (items: readonly unknown[]) => items.map((item) => (item as Row).version)
const id = fc.integer({ min: 0, max: 12 }).map((number) => `r${number}`)
const how = fc.constantFrom<How>('after', 'inclusive', 'token')
// Without ids in the question, a page must hold all that changed in one tick.
const sizeFor = (one: How, size: number) => (one === 'inclusive' ? 14 + size : size)

const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), id, lateMs: fc.nat(OVERLAP - TICK - 1) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(40) }),
  fc.constantFrom(
    { kind: 'page' as const },
    { kind: 'page' as const },
    { kind: 'commit' as const },
    { kind: 'crash' as const },
    { kind: 'session' as const },
  ),
)

describe('a list of what changed', () => {
  it('meets the last version of everything, and meets nothing for ever', async () => {
    await fc.assert(
      fc.asyncProperty(
        how,
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 80 }),
        async (one, size, steps) => {
          const table = new Table(one, sizeFor(one, size))
          for (let count = 0; count < 6; count += 1) table.write(`r${count}`)
          const reader = new Reader(partOf(table))
          let now = table.clock
          for (const what of steps) {
            if (what.kind === 'write') table.write(what.id, what.lateMs)
            else if (what.kind === 'wait') table.clock += what.ms
            else if (what.kind === 'page') await reader.page({ now })
            else if (what.kind === 'commit') reader.commit()
            else {
              if (what.kind === 'crash') reader.crash()
              now = table.clock
            }
          }
          table.clock += OVERLAP
          await reader.run({ now: table.clock })
          await reader.run({ now: table.clock })
          const met = new Set(versionsOf(reader.kept))
          expect(table.shown().filter(({ version }) => !met.has(version))).toEqual([])
          table.clock += OVERLAP + 1
          await reader.run({ now: table.clock })
          expect(await reader.run({ now: table.clock })).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('goes on from each checkpoint exactly as one run does', async () => {
    await fc.assert(
      fc.asyncProperty(
        how,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(id, fc.nat(15)), { maxLength: 30 }),
        async (one, size, writes) => {
          const table = new Table(one, sizeFor(one, size))
          for (const [row, ms] of writes) {
            table.clock += ms
            table.write(row)
          }
          const { rests, expected } = await restsOf(partOf(table), { now: table.clock })
          expect(rests).toEqual(expected)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('asks from the mark on, and leaves out what it met of that very time', async () => {
    const table = new Table('inclusive', 10)
    table.write('a')
    table.write('b')
    const reader = new Reader(partOf(table))
    table.clock += OVERLAP
    expect(versionsOf(await reader.run({ now: table.clock }))).toEqual([1, 2])
    // The same tick again, which the service should not do any more.
    table.rows.set('c', [{ id: 'c', ms: 1_000, version: 9, shownAt: 0 }])
    expect(versionsOf(await reader.run({ now: table.clock }))).toEqual([9])
    expect(await reader.run({ now: table.clock })).toEqual([])
  })

  it('reads fresh changes again until they are older than the overlap', async () => {
    const table = new Table('after', 10)
    table.write('a')
    const reader = new Reader(partOf(table))
    const runAfter = async (ms: number) => {
      table.clock += ms
      return versionsOf(await reader.run({ now: table.clock }))
    }
    expect([await runAfter(0), await runAfter(20), await runAfter(30), await runAfter(1)]).toEqual([
      [1],
      [1],
      [1],
      [],
    ])
  })

  it('does not tell a thousand items of one time apart, yet does not repeat them for ever', async () => {
    const table = new Table('after', 400)
    for (let count = 0; count < 1_500; count += 1) table.write(`x${count}`)
    table.clock += OVERLAP
    const reader = new Reader(partOf(table))
    expect(new Set(versionsOf(await reader.run({ now: table.clock }))).size).toBe(1_500)
    expect(await reader.run({ now: table.clock })).toEqual([])
    table.clock += TICK
    table.write('new')
    expect(versionsOf(await reader.run({ now: table.clock }))).toEqual([1_501])
  })

  it('begins at the backfill window', async () => {
    const table = new Table('after', 3)
    for (let count = 0; count < 10; count += 1) {
      table.write(`r${count}`)
      table.clock += 100
    }
    const read = await new Reader(partOf(table)).run({ now: table.clock, sinceMs: 1_700 })
    expect(versionsOf(read)).toEqual([8, 9, 10])
  })

  it('stops where a page cannot hold the items of one time, or has none that it can read', async () => {
    const table = new Table('inclusive', 2)
    for (const row of ['a', 'b', 'c']) table.write(row)
    await expect(new Reader(partOf(table)).run({ now: 2_000 })).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
    const odd = changedSince({
      token: z.never(),
      position: () => ({ ms: NaN, id: '' }),
      list: async () => ({ items: ['odd'], more: true }),
    })
    await expect(new Reader(odd).run({ now: 2_000 })).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })
})
