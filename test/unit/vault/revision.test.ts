/** Plans of revisions: what is written on which leaves (protocol.md 2). What databases make of them: revision-series.test.ts. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hasCode } from '../../support/sealers/node-error-code.js'
import { MAX_GENERATION, type LeafRev } from '../../../src/vault/rev.js'
import { planDelete, planWrite, revisionHash, type PlannedRev } from '../../../src/vault/revision.js'

const revKey = Buffer.alloc(32, 3)
const id = 'a'.repeat(32)
const record = { name: 'A', tags: ['x', null], n: 1.5 }
const byHand = (input: string) => createHmac('sha256', revKey).update(input).digest('hex').slice(0, 24)
const live = (rev: string, path?: readonly string[]): LeafRev => ({
  rev,
  deleted: false,
  ...(path === undefined ? {} : { path }),
})
const dead = (rev: string): LeafRev => ({ rev, deleted: true })
const write = (leaves: readonly LeafRev[], more: object = {}) =>
  planWrite({ id, record, leaves, lease: 0x1234, revKey, ...more })
const remove = (leaves: readonly LeafRev[]) => planDelete({ id, leaves, lease: 0x1234, revKey })
const hashOf = ({ rev }: Pick<PlannedRev, 'rev'>) => rev.slice(rev.indexOf('-') + 1)
const thrown = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}
const isRefused = hasCode('REVISION_REFUSED')

describe('a revision', () => {
  it('is generation, lease number and the HMAC of [generation, id, record]', () => {
    const mac = byHand(`[1,"${id}",{"n":1.5,"name":"A","tags":["x",null]}]`)
    expect(write([])).toEqual({
      kind: 'write',
      rev: `1-00001234${mac}`,
      path: [`00001234${mac}`],
      tombstones: [],
    })
  })
  it('is the same after every start: a change of this vector rewrites every record there is', () => {
    expect(revisionHash(revKey, 7, id, record)).toBe('bee85379324b2db46b37219a')
  })
  it('does not count signatures, so that a new key of the node rewrites nothing', () => {
    expect(write([], { record: { ...record, signatures: { a: { secp256k1: '0x1' } } } })).toEqual(write([]))
  })
  it('does not count _id and _rev twice', () => {
    expect(write([], { record: { ...record, _id: id, _rev: '1-x' } })).toEqual(write([]))
  })
  it('does not depend on the order of members', () => {
    expect(write([], { record: { n: 1.5, tags: ['x', null], name: 'A' } })).toEqual(write([]))
  })
  it.each<[string, object]>([
    ['record', { record: { ...record, name: 'B' } }],
    ['document', { id: 'b'.repeat(32) }],
    ['key', { revKey: Buffer.alloc(32, 4) }],
    ['generation', { generationFloor: 2 }],
  ])('differs for another %s', (_what, change) => {
    expect((write([], change) as PlannedRev).rev.slice(-24)).not.toBe(
      (write([]) as PlannedRev).rev.slice(-24),
    )
  })
  it.each([0, -1, 1.5, 2 ** 32, Number.NaN])('is not made under lease number %d', (lease) => {
    expect(thrown(() => write([], { lease }))).toSatisfy(isRefused)
  })
})

describe('unchanged', () => {
  const at = (generation: number, lease = 'ffffffff') =>
    `${generation}-${lease}${revisionHash(revKey, generation, id, record)}`
  it("is a live winner that holds this record at the winner's own generation, whoever wrote it", () => {
    expect(write([live(at(5))])).toEqual({ kind: 'unchanged', tombstones: [] })
    expect(write([live(at(5, '00000001'))])).toEqual({ kind: 'unchanged', tombstones: [] })
  })
  it('is not the hash that the record had at another generation', () => {
    const old = `6-00000001${revisionHash(revKey, 5, id, record)}`
    expect(write([live(old)]).kind).toBe('write')
  })
  it('is not a deleted winner: the record has come back', () => {
    expect(write([dead(at(5))])).toMatchObject({ kind: 'write', parent: at(5) })
    expect((write([dead(at(5))]) as PlannedRev).rev).toMatch(/^6-00001234/)
  })
  it('is not a leaf that loses', () => {
    const plan = write([live(at(5)), live('6-ffffffff')])
    expect(plan).toMatchObject({ kind: 'write', parent: '6-ffffffff' })
  })
  it('still ends other live leaves', () => {
    const plan = write([live(at(5)), live('4-abc')])
    expect(plan).toMatchObject({ kind: 'unchanged' })
    expect(plan.tombstones.map(({ rev }) => rev)).toEqual([expect.stringMatching(/^5-00000000/)])
  })
})

describe('a changed record', () => {
  it('is written on the winner, one generation up, with the path', () => {
    const plan = write([live('3-bbb'), dead('9-aaa')])
    expect(plan).toMatchObject({ kind: 'write', parent: '3-bbb', tombstones: [] })
    expect((plan as PlannedRev).path).toEqual([hashOf(plan as PlannedRev), 'bbb'])
    expect((plan as PlannedRev).rev).toMatch(/^4-00001234/)
  })
  it('carries the whole path of a parent that is still in flight', () => {
    const plan = write([live('3-ccc', ['bbb', 'aaa'])]) as PlannedRev
    expect(plan.path).toEqual([hashOf(plan), 'ccc', 'bbb', 'aaa'])
  })
  it('carries no more ancestors than a database keeps', () => {
    const path = Array.from({ length: 1500 }, (_, at) => `h${at}`)
    expect((write([live('1501-x', path)]) as PlannedRev).path).toHaveLength(1000)
  })
  it('ends every other live leaf with a tombstone that sorts before every lease', () => {
    const { tombstones } = write([live('3-ccc'), live('3-bbb'), live('2-aaa'), dead('3-000')])
    expect(tombstones.map(({ path }) => path.slice(1))).toEqual([['bbb'], ['aaa']])
    expect(tombstones.map(({ rev }) => rev)).toEqual([
      expect.stringMatching(/^4-00000000[0-9a-f]{24}$/),
      expect.stringMatching(/^3-00000000[0-9a-f]{24}$/),
    ])
  })
  it('gives two losing leaves of one generation two tombstones', () => {
    const { tombstones } = write([live('3-ccc'), live('3-bbb'), live('3-aaa')])
    expect(new Set(tombstones.map(({ rev }) => rev)).size).toBe(2)
  })
  it('is refused above generation 2^31', () => {
    expect((write([live(`${MAX_GENERATION - 1}-x`)]) as PlannedRev).rev).toMatch(/^2147483648-/)
    expect(thrown(() => write([live(`${MAX_GENERATION}-x`)]))).toSatisfy(isRefused)
    expect(thrown(() => write([live(`${MAX_GENERATION + 1}-x`)]))).toSatisfy(isRefused)
  })
})

describe('a new document', () => {
  it('starts at generation 1, or above what it ever had', () => {
    expect((write([]) as PlannedRev).rev).toMatch(/^1-/)
    expect((write([], { generationFloor: 480_000 }) as PlannedRev).rev).toMatch(/^480000-/)
  })
  it('goes on from leaves that are there, whatever the floor says', () => {
    expect((write([dead('3-x')], { generationFloor: 480_000 }) as PlannedRev).rev).toMatch(/^4-/)
  })
})

describe('a deletion', () => {
  it('ends every live leaf, the winner first', () => {
    const plan = remove([live('3-ccc'), live('4-ddd'), live('3-bbb')])
    if (plan.kind !== 'delete') throw new Error('nothing was deleted')
    expect(plan.tombstones.map(({ path }) => path.slice(1))).toEqual([['ddd'], ['ccc'], ['bbb']])
    expect(plan.tombstones.map(({ rev }) => rev)).toEqual([
      expect.stringMatching(/^5-00001234/),
      expect.stringMatching(/^4-00000000/),
      expect.stringMatching(/^4-00000000/),
    ])
  })
  it('is nothing when nothing lives', () => {
    expect(remove([])).toEqual({ kind: 'unchanged' })
    expect(remove([dead('3-x')])).toEqual({ kind: 'unchanged' })
  })
  it("is above every deleted leaf, and names the generations between: a reader keeps the record when another's tombstone wins", () => {
    const plan = remove([live('3-ccc'), dead('7-fff')])
    if (plan.kind !== 'delete') throw new Error('nothing was deleted')
    const [winning] = plan.tombstones
    expect(winning?.rev).toMatch(/^8-00001234/)
    expect(winning?.path).toHaveLength(6)
    expect(winning?.path.at(-1)).toBe('ccc')
    expect(new Set(winning?.path).size).toBe(6)
  })
  it('is deterministic: two runs of one lease make the same', () => {
    expect(remove([live('3-ccc')])).toEqual(remove([live('3-ccc')]))
  })
  it('is refused above generation 2^31', () => {
    expect(thrown(() => remove([live(`${MAX_GENERATION}-x`)]))).toSatisfy(isRefused)
  })
})
