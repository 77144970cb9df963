import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../../src/errors.js'
import { syncToken, z, type Json } from '../../../../src/provider/index.js'
import { Lane } from '../../../../src/sync/lane.js'
import { postStream, testJob } from '../../../support/sync-job.js'
import { pageOf, restsOf } from './reader.js'

interface Change {
  readonly seq: number
  readonly id: string
  readonly isGone: boolean
}

const token = z.object({ seq: z.number(), at: z.string() })
type Token = z.infer<typeof token>

/** A service that tells everything, and changes by tokens that it may forget. */
class Service {
  log: Change[] = []
  /** Older tokens are refused. */
  forgotten = 0

  constructor(
    readonly tokens: 'apart' | 'last page',
    readonly size: number,
  ) {}

  get seq(): number {
    return this.log.length
  }
  write(id: string, isGone = false): void {
    this.log.push({ seq: this.seq + 1, id, isGone })
  }
  live(): Map<string, number> {
    const live = new Map<string, number>()
    for (const { id, seq, isGone } of this.log) {
      if (isGone) live.delete(id)
      else live.set(id, seq)
    }
    return live
  }
  check(seq: number): void {
    if (seq < this.forgotten) throw new NodeError('CURSOR_EXPIRED')
  }
  full(page: Token | undefined) {
    // What changes meanwhile counts from the first page on.
    const seq = page?.seq ?? this.seq
    this.check(seq)
    const rest = [...this.live()].filter(([id]) => id > (page?.at ?? '')).sort(([a], [b]) => (a < b ? -1 : 1))
    const items = rest.slice(0, this.size).map(([id, version]) => ({ id, version }))
    const at = items.at(-1)?.id ?? ''
    if (rest.length > this.size) return { items, next: { seq, at } }
    return this.tokens === 'apart' ? { items } : { items, token: { seq, at: '' } }
  }
  changes(from: Token, page: Token | undefined) {
    const seq = page?.seq ?? from.seq
    this.check(from.seq)
    const rest = this.log.filter((change) => change.seq > seq)
    const read = rest.slice(0, this.size)
    // Of each that changed, the last word.
    const last = [...new Map(read.map((change) => [change.id, change])).values()]
    const next = { seq: read.at(-1)?.seq ?? seq, at: 'page' }
    return {
      items: last.filter(({ isGone }) => !isGone).map(({ id, seq: version }) => ({ id, version })),
      deletedIds: last.filter(({ isGone }) => isGone).map(({ id }) => id),
      ...(rest.length > this.size ? { next } : { token: { seq: next.seq, at: '' } }),
    }
  }
}

function partOf(service: Service) {
  const kit = {
    token,
    full: async (_http: unknown, { page }: { page: Token | undefined }) => service.full(page),
    changes: async (_http: unknown, { token, page }: { token: Token; page: Token | undefined }) =>
      service.changes(token, page),
  }
  const start = async () => ({ seq: service.seq, at: '' })
  return syncToken(service.tokens === 'apart' ? { ...kit, start } : kit)
}

interface Version {
  readonly id: string
  readonly version: number
}

/** Holds what the node would: everything that was committed, and what a complete reading of everything did not meet is gone. */
class Mirror {
  rows = new Map<string, number>()
  met = new Set<string>()
  cursor: unknown
  isFull = true

  copy(): Mirror {
    const copy = new Mirror()
    Object.assign(copy, {
      rows: new Map(this.rows),
      met: new Set(this.met),
      cursor: this.cursor,
      isFull: this.isFull,
    })
    return copy
  }

  /** Gives whether the run is at its end. */
  async page(part: ReturnType<typeof partOf>): Promise<boolean> {
    const page = await pageOf(part, this.cursor as never, { now: 0 }).catch((error: unknown) => {
      if (!(error instanceof NodeError) || error.code !== 'CURSOR_EXPIRED') throw error
      this.isFull = true
      this.met.clear()
      this.cursor = undefined
      return undefined
    })
    if (page === undefined) return false
    for (const { id, version } of page.items as Version[]) {
      this.met.add(id)
      this.rows.set(id, version)
    }
    for (const id of page.deletedIds ?? []) this.rows.delete(id)
    this.cursor = page.cursor
    if (!page.more && this.isFull) {
      for (const id of [...this.rows.keys()]) if (!this.met.has(id)) this.rows.delete(id)
      this.isFull = false
    }
    return !page.more
  }
}

const id = fc.integer({ min: 0, max: 12 }).map((number) => `r${number}`)
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), id, isGone: fc.boolean() }),
  fc.constantFrom(
    { kind: 'page' as const },
    { kind: 'page' as const },
    { kind: 'commit' as const },
    { kind: 'crash' as const },
    { kind: 'forget' as const },
  ),
)

describe('a change feed with tokens', () => {
  it('comes to what the service holds, deletions included, through interruptions and forgotten tokens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('apart' as const, 'last page' as const),
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 80 }),
        async (tokens, size, steps) => {
          const service = new Service(tokens, size)
          for (let count = 0; count < 5; count += 1) service.write(`r${count}`)
          const part = partOf(service)
          let mirror = new Mirror()
          let committed = mirror.copy()
          for (const one of steps) {
            if (one.kind === 'write') service.write(one.id, one.isGone)
            else if (one.kind === 'forget') service.forgotten = service.seq
            else if (one.kind === 'page') await mirror.page(part)
            else if (one.kind === 'commit') committed = mirror.copy()
            else mirror = committed.copy()
          }
          for (let runs = 0; runs < 2;) if (await mirror.page(part)) runs += 1
          expect(mirror.rows).toEqual(service.live())
        },
      ),
      { numRuns: 500 },
    )
  })

  it('goes on from each checkpoint exactly as one run does', async () => {
    for (const tokens of ['apart', 'last page'] as const) {
      const service = new Service(tokens, 2)
      for (let count = 0; count < 9; count += 1) service.write(`r${count}`)
      const { pages, rests, expected } = await restsOf(partOf(service), { now: 0 })
      expect(pages).toHaveLength(5)
      expect(rests).toEqual(expected)
    }
  })

  it('takes the token before it reads everything, so that what changes meanwhile is told', async () => {
    const service = new Service('apart', 1)
    service.write('a')
    service.write('b')
    const part = partOf(service)
    const first = await pageOf(part, undefined, { now: 0 })
    service.write('a', true)
    const second = await pageOf(part, first.cursor, { now: 0 })
    expect([second.more, second.cursor.token]).toEqual([false, { seq: 2, at: '' }])
    expect((await pageOf(part, second.cursor, { now: 0 })).deletedIds).toEqual(['a'])
  })

  it('makes the node read everything anew, once, when the token is too old', async () => {
    const service = new Service('last page', 2)
    for (const row of ['a', 'b', 'c']) service.write(row)
    const part = partOf(service)
    const stream = postStream((cursor) => pageOf(part, cursor as never, { now: 0 }))
    service.forgotten = 3
    const lane = new Lane(testJob([stream]), 0, {
      stream,
      partition: '',
      cursor: { full: false, token: { seq: 1, at: '' }, page: null },
      fullRead: false,
      scanNumber: 4,
    })
    const items: unknown[] = []
    for (let page = await lane.next(); page !== undefined; page = await lane.next()) items.push(...page.items)
    expect((items as Version[]).map((item) => item.id)).toEqual(['a', 'b', 'c'])
    expect(lane).toMatchObject({ fullRead: true, scanNumber: 5, state: { kind: 'done' } })
  })

  it('reads other codes as a forgotten token only where they are named, and only for changes', async () => {
    const failing = (expiredOn?: readonly ['PROVIDER_CHANGED']) =>
      syncToken({
        token: z.string(),
        full: async () => Promise.reject(new NodeError('PROVIDER_CHANGED')),
        changes: async () => Promise.reject(new NodeError('PROVIDER_CHANGED', { detail: 'status 404' })),
        ...(expiredOn && { expiredOn }),
      })
    const cursor = { full: false, token: 't', page: null }
    await expect(pageOf(failing(), cursor, { now: 0 })).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
    const named = failing(['PROVIDER_CHANGED'])
    await expect(pageOf(named, cursor, { now: 0 })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
      detail: 'status 404',
    })
    await expect(pageOf(named, undefined, { now: 0 })).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })

  it('stops when the last page gives no token, rather than read everything in each run', async () => {
    const part = syncToken<Json, never>({
      token: z.string(),
      full: async () => ({ items: [] }),
      changes: async () => ({ items: [] }),
    })
    await expect(pageOf(part as never, undefined, { now: 0 })).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
  })
})
