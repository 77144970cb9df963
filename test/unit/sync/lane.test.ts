import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../src/errors.js'
import { Lane } from '../../../src/sync/lane.js'
import type { Json, Page } from '../../../src/provider/index.js'
import { postStream, testJob } from '../../support/sync-job.js'

function lane(pages: (cursor: number | undefined) => Promise<Page<Json>>, cursor?: number): Lane {
  const stream = postStream(pages)
  return new Lane(testJob([stream]), 0, {
    stream,
    partition: '',
    cursor,
    fullRead: cursor === undefined,
    scanNumber: 1,
  })
}

async function readAll(from: Lane): Promise<unknown[]> {
  const items: unknown[] = []
  for (let page = await from.next(); page !== undefined; page = await from.next()) items.push(...page.items)
  return items
}

describe('a lane', () => {
  it('reads every page to the end, across an empty one in the middle, and stands at the last cursor', async () => {
    const pages = [['a'], [], ['b', 'c']]
    const one = lane(async (cursor = 0) => ({
      items: pages[cursor] ?? [],
      cursor: cursor + 1,
      more: cursor < 2,
    }))
    expect(await readAll(one)).toEqual(['a', 'b', 'c'])
    expect(one.cursor).toBe(3)
    expect(one.state.kind).toBe('done')
  })

  it.each([
    ['the same cursor', (cursor: number | undefined) => cursor ?? 0],
    ['cursors in a circle', (cursor: number | undefined) => (cursor === 1 ? 2 : 1)],
  ])('stops at %s instead of reading for ever', async (_name, next) => {
    let calls = 0
    const one = lane(async (cursor) => {
      calls += 1
      return { items: [calls], cursor: next(cursor), more: true }
    })
    await readAll(one)
    expect(one.state).toMatchObject({ kind: 'stopped', error: { code: 'PROVIDER_CHANGED' } })
    expect(calls).toBeLessThan(6)
  })

  it('reads everything again, once, when the provider forgot the cursor', async () => {
    const asked: (number | undefined)[] = []
    const one = lane(async (cursor) => {
      asked.push(cursor)
      if (cursor === 7) throw new NodeError('CURSOR_EXPIRED')
      return { items: ['all'], cursor: 8, more: false }
    }, 7)
    expect(await readAll(one)).toEqual(['all'])
    expect(asked).toEqual([7, undefined])
    expect(one).toMatchObject({ fullRead: true, scanNumber: 2 })
  })

  it('ends with the error when even a full read is refused as expired', async () => {
    const one = lane(async () => {
      throw new NodeError('CURSOR_EXPIRED')
    }, 7)
    expect(await readAll(one)).toEqual([])
    expect(one.state).toMatchObject({ kind: 'stopped', error: { code: 'CURSOR_EXPIRED' } })
  })

  it('keeps the cursor of the last page handed out when the next one fails', async () => {
    const one = lane(async (cursor = 0) => {
      if (cursor === 1) throw new NodeError('RATE_LIMITED', { retryAfterMs: 5 })
      return { items: ['a'], cursor: 1, more: true }
    })
    expect(await readAll(one)).toEqual(['a'])
    expect(one.cursor).toBe(1)
    expect(one.state).toMatchObject({ kind: 'stopped', error: { code: 'RATE_LIMITED', retryAfterMs: 5 } })
  })
})
