import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newestFirst, z } from '../../../../src/provider/index.js'
import { pageOf, Reader, restsOf } from './reader.js'

interface Item {
  readonly id: number
  readonly at: number
}

/** A service that lists the newest first, by page number or by the last item. */
class Feed {
  items: Item[] = []
  calls = 0
  #ids = 0

  constructor(
    private readonly by: 'page number' | 'last item',
    private readonly size: number,
  ) {}

  add(at: number): void {
    const item = { id: (this.#ids += 1), at }
    const below = this.items.findIndex((other) => other.at <= at)
    this.items.splice(below === -1 ? this.items.length : below, 0, item)
  }

  list(token: number | undefined) {
    this.calls += 1
    const from =
      token === undefined
        ? 0
        : this.by === 'page number'
          ? token
          : this.items.findIndex(({ id }) => id === token) + 1
    const items = this.items.slice(from, from + this.size)
    const isMore = from + this.size < this.items.length
    const next = this.by === 'page number' ? from + this.size : items.at(-1)?.id
    return { items, next: isMore ? next : undefined }
  }
}

const partOf = (feed: Feed, overlapMs = 0) =>
  newestFirst({
    token: z.number(),
    timeMs: (item) => (item as Item).at,
    list: async (_http, { token }) => feed.list(token),
    overlapMs,
  })

const idsOf = (items: readonly unknown[]) => items.map((item) => (item as Item).id)
const by = fc.constantFrom('page number' as const, 'last item' as const)

type Step =
  | { readonly kind: 'add'; readonly lateMs: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'page' | 'commit' | 'crash' | 'session' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), lateMs: fc.nat(10) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(20) }),
  fc.constantFrom(
    { kind: 'page' as const },
    { kind: 'page' as const },
    { kind: 'commit' as const },
    { kind: 'crash' as const },
    { kind: 'session' as const },
  ),
)

describe('a newest-first feed', () => {
  it('loses no item, whatever comes in between and wherever it is interrupted', async () => {
    const property = async (
      how: 'page number' | 'last item',
      size: number,
      old: number,
      steps: readonly Step[],
    ) => {
      const feed = new Feed(how, size)
      let clock = 1_000
      let now = clock
      for (let count = 0; count < old; count += 1) feed.add(clock - 500 + count * 7)
      const reader = new Reader(partOf(feed, 10))
      for (const one of steps) {
        // Shown late by at most the overlap.
        if (one.kind === 'add') feed.add(clock - one.lateMs)
        else if (one.kind === 'wait') clock += one.ms
        else if (one.kind === 'page') await reader.page({ now })
        else if (one.kind === 'commit') reader.commit()
        else {
          if (one.kind === 'crash') reader.crash()
          now = clock
        }
      }
      await reader.run({ now: clock })
      await reader.run({ now: clock })
      const met = new Set(idsOf(reader.kept))
      expect(feed.items.filter(({ id }) => !met.has(id))).toEqual([])
    }
    await fc.assert(
      fc.asyncProperty(
        by,
        fc.integer({ min: 1, max: 7 }),
        fc.nat(30),
        fc.array(step, { maxLength: 60 }),
        property,
      ),
      { numRuns: 400 },
    )
  })

  it('goes on from each checkpoint exactly as one run does', async () => {
    await fc.assert(
      fc.asyncProperty(by, fc.integer({ min: 1, max: 6 }), fc.nat(25), async (how, size, count) => {
        const feed = new Feed(how, size)
        for (let at = 0; at < count; at += 1) feed.add(Math.floor(at / 3))
        const { rests, expected } = await restsOf(partOf(feed), { now: 1_000 })
        expect(rests).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  it('reads a later run down to what it knows, and no further', async () => {
    const feed = new Feed('last item', 2)
    for (let at = 1; at <= 20; at += 1) feed.add(at)
    const reader = new Reader(partOf(feed))
    expect(await reader.run({ now: 100 })).toHaveLength(20)
    feed.add(21)
    feed.calls = 0
    expect(idsOf(await reader.run({ now: 100 }))).toEqual([21, 20, 19, 18])
    expect(feed.calls).toBe(2)
  })

  it('fills a first run that was cut off before it looks at what came meanwhile', async () => {
    const feed = new Feed('last item', 2)
    for (let at = 1; at <= 6; at += 1) feed.add(at)
    const reader = new Reader(partOf(feed))
    await reader.page({ now: 100 })
    reader.commit()
    feed.add(7)
    expect(idsOf(await reader.run({ now: 100 }))).toEqual([4, 3, 2, 1])
    expect(idsOf(await reader.run({ now: 100 }))).toEqual([7, 6, 5, 4])
  })

  it('bounds the first run by the backfill window and asks for no page beyond it', async () => {
    const feed = new Feed('last item', 4)
    for (let at = 1; at <= 40; at += 1) feed.add(at)
    const reader = new Reader(partOf(feed))
    expect(idsOf(await reader.run({ now: 100, sinceMs: 35 }))).toEqual([40, 39, 38, 37, 36, 35])
    expect(feed.calls).toBe(2)
  })

  it('is not stopped by an old item on top, nor blinded by one dated ahead', async () => {
    const feed = new Feed('page number', 3)
    for (let at = 1; at <= 9; at += 1) feed.add(at)
    const reader = new Reader(partOf(feed))
    await reader.run({ now: 100 })
    for (let at = 10; at <= 14; at += 1) feed.add(at)
    const [old] = feed.items.splice(-1)
    if (old !== undefined) feed.items.unshift(old)
    feed.items.unshift({ id: 99, at: 5_000 })
    expect(idsOf(await reader.run({ now: 20 }))).toEqual([99, 1, 14, 13, 12, 11, 10, 9, 8])
    feed.items.splice(2, 0, { id: 100, at: 30 })
    expect(idsOf(await reader.run({ now: 40 }))).toContain(100)
  })

  it('hands on what it cannot place, goes over empty pages, and ends an empty feed', async () => {
    const pages = [
      { items: [{ id: 1, at: NaN }], next: 1 },
      { items: [], next: 2 },
      { items: [{ id: 2, at: 5 }], next: undefined },
    ]
    const part = newestFirst({
      token: z.number(),
      timeMs: (item) => (item as Item).at,
      list: async (_http, { token = 0 }) => pages[token] ?? { items: [], next: undefined },
    })
    expect(idsOf(await new Reader(part).run({ now: 10, sinceMs: 1 }))).toEqual([1, 2])
    const empty = partOf(new Feed('last item', 2))
    expect(await pageOf(empty, undefined, { now: 10 })).toEqual({
      items: [],
      cursor: { floorMs: null, newestMs: null, token: null },
      more: false,
    })
  })
})
