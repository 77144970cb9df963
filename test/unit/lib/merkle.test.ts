/** The Merkle root: its bytes by hand, and that every change of the set changes it. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merkleRoot, type Leaf } from '../../../src/lib/merkle.js'

const sha = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex')
const a: Leaf = { id: 'a', rev: '1-x', deleted: false }
const b: Leaf = { id: 'b', rev: '12-yz', deleted: true }
const c: Leaf = { id: 'é', rev: '1-x', deleted: false }
// Written out: 00, length of id, id, length of rev, rev, deleted.
const hashA = sha('00' + '00000001' + '61' + '00000003' + '312d78' + '00')
const hashB = sha('00' + '00000001' + '62' + '00000005' + '31322d797a' + '01')
const hashC = sha('00' + '00000002' + 'c3a9' + '00000003' + '312d78' + '00')

const leaf = fc.record({ id: fc.string({ unit: 'binary' }), rev: fc.string(), deleted: fc.boolean() })
const leaves = fc.uniqueArray(leaf, {
  minLength: 1,
  maxLength: 20,
  selector: (one) => Buffer.from(one.id).toString('hex'),
})

describe('merkleRoot', () => {
  it('of nothing is SHA-256 of nothing', () => {
    expect(merkleRoot([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })
  it('is built as written', () => {
    expect(merkleRoot([a])).toBe(hashA)
    expect(merkleRoot([a, b])).toBe(sha('01' + hashA + hashB))
    expect(merkleRoot([a, b, c])).toBe(sha('01' + sha('01' + hashA + hashB) + hashC))
  })
  it('moves odd nodes up unchanged on every level', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, rev: '1', deleted: false }))
    const four = merkleRoot(five.slice(0, 4))
    expect(merkleRoot(five)).toBe(sha('01' + four + merkleRoot(five.slice(4))))
  })
  it('sorts by bytes, not by UTF-16 units', () => {
    // U+FF5E is EF BD 9E in UTF-8 and comes before U+1F600 (F0 ...), whose first UTF-16 unit D83D is the smaller one.
    const low = { id: '\uFF5E', rev: '1', deleted: false }
    const high = { id: '\u{1F600}', rev: '1', deleted: false }
    expect(merkleRoot([high, low])).toBe(sha('01' + merkleRoot([low]) + merkleRoot([high])))
  })
  it('does not depend on the order given, also when one document has two revisions', () => {
    const twice = { ...a, rev: '1-w' }
    expect(merkleRoot([b, a, twice, c])).toBe(merkleRoot([twice, c, b, a]))
    fc.assert(fc.property(leaves, (set) => merkleRoot(set) === merkleRoot([...set].reverse())))
  })
  it('changes with every field and every leaf', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (set, at) => {
        const index = at % set.length
        const swap = (change: Partial<Leaf>) =>
          set.map((one, i) => (i === index ? { ...one, ...change } : one))
        const one = set[index]!
        const others = [
          swap({ deleted: !one.deleted }),
          swap({ rev: `${one.rev}0` }),
          swap({ id: `${one.id}\u0000` }),
          set.filter((_, i) => i !== index),
        ]
        const root = merkleRoot(set)
        return others.every((other) => merkleRoot(other) !== root)
      }),
    )
  })
  it('keeps id and rev apart', () => {
    expect(merkleRoot([{ id: 'ab', rev: 'c', deleted: false }])).not.toBe(
      merkleRoot([{ id: 'a', rev: 'bc', deleted: false }]),
    )
  })
})
