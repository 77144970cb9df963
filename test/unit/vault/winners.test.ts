/** The leaves that a run knows: what was read, what was sealed since, and what is still in flight (protocol.md 2.4). */
import { expect, it } from 'vitest'
import type { LeafRev } from '../../../src/vault/rev.js'
import { planDelete, planWrite, type PlannedRev } from '../../../src/vault/revision.js'
import { WinnerMap } from '../../../src/vault/winners.js'

const revKey = Buffer.alloc(32, 3)
const leaf = (rev: string, deleted = false): LeafRev => ({ rev, deleted })

/** Plans a write on what the map knows, and lets the map know of it. */
function write(winners: WinnerMap, name: string): PlannedRev {
  const plan = planWrite({ id: 'a', record: { name }, leaves: winners.leaves('a'), lease: 1, revKey })
  winners.apply('a', plan)
  if (plan.kind !== 'write') throw new Error('unchanged')
  return plan
}

it('tells a document without leaves from one that was never looked for', () => {
  const winners = new WinnerMap()
  winners.load('a', [])
  expect([winners.has('a'), winners.has('b'), winners.size]).toEqual([true, false, 1])
  expect(winners.leaves('b')).toEqual([])
})

it('gives back what was read: one leaf, several, deleted ones', () => {
  const winners = new WinnerMap()
  const found: Record<string, readonly LeafRev[]> = {
    a: [leaf('1-x')],
    b: [leaf('1-x', true)],
    c: [leaf('2-y'), leaf('2-x')],
  }
  for (const [id, leaves] of Object.entries(found)) winners.load(id, leaves)
  expect(Object.fromEntries(winners)).toEqual(found)
})

it('knows a page as soon as it is sealed, with the path of what is in flight', () => {
  const winners = new WinnerMap()
  winners.load('a', [leaf('4-old')])
  const first = write(winners, 'A')
  const second = write(winners, 'B')
  expect(winners.leaves('a')).toEqual([
    { rev: second.rev, deleted: false, path: [...first.path.slice(0, 1), 'old'] },
  ])
  expect(second.path).toEqual([second.path[0], first.path[0], 'old'])
})

it('keeps a document in flight when the storage nodes are read again', () => {
  const winners = new WinnerMap()
  const { rev } = write(winners, 'A')
  winners.load('a', [leaf('1-older')])
  expect(winners.leaves('a').map((one) => one.rev)).toEqual([rev])
})

it('drops paths once everything is proven, and then takes what the storage nodes hold', () => {
  const winners = new WinnerMap()
  write(winners, 'A')
  const { rev } = write(winners, 'B')
  winners.settle()
  expect(winners.leaves('a')).toEqual([leaf(rev)])
  winners.load('a', [leaf('9-foreign')])
  expect(winners.leaves('a')).toEqual([leaf('9-foreign')])
})

it('keeps tombstones of losing leaves beside the winner, as the storage nodes do', () => {
  const winners = new WinnerMap()
  winners.load('a', [leaf('2-y'), leaf('2-x')])
  const { rev } = write(winners, 'A')
  const [tombstone, winner, ...more] = winners.leaves('a')
  expect(more).toEqual([])
  expect(winner?.rev).toBe(rev)
  expect(tombstone).toMatchObject({ deleted: true, rev: expect.stringMatching(/^3-00000000/) as string })
  // And the loser is not ended a second time.
  const next = planWrite({ id: 'a', record: { name: 'B' }, leaves: winners.leaves('a'), lease: 1, revKey })
  expect(next.kind === 'write' && next.tombstones).toEqual([])
})

it('knows a deletion, and what is written after it goes on from there', () => {
  const winners = new WinnerMap()
  winners.load('a', [leaf('2-y')])
  winners.apply('a', planDelete({ id: 'a', leaves: winners.leaves('a'), lease: 1, revKey }))
  expect(winners.leaves('a')).toMatchObject([{ deleted: true }])
  expect(write(winners, 'A').rev).toMatch(/^4-/)
})

it('is not moved by what changes nothing', () => {
  const winners = new WinnerMap()
  winners.load('a', [leaf('2-y')])
  winners.apply('a', { kind: 'unchanged', tombstones: [] })
  winners.apply('a', { kind: 'unchanged' })
  winners.load('a', [leaf('3-z')])
  expect(winners.leaves('a')).toEqual([leaf('3-z')])
})

it('forgets only what is proven', () => {
  const winners = new WinnerMap()
  write(winners, 'A')
  expect(() => winners.clear()).toThrow(RangeError)
  winners.settle()
  winners.clear()
  expect(winners.size).toBe(0)
})
