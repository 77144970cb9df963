/** Revision ids: read and written strictly, and the winner that every real database chooses. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasCode } from '../../support/sealers/node-error-code.js'
import {
  carriedLeaf,
  formatRev,
  MAX_GENERATION,
  parseRev,
  winnerOf,
  type LeafRev,
} from '../../../src/vault/rev.js'
import { database } from './replicas.js'

const isRefused = hasCode('REVISION_REFUSED')
const refusal = (run: () => unknown): boolean => {
  try {
    run()
  } catch (error) {
    return isRefused(error)
  }
  return false
}

describe('parseRev', () => {
  it("takes this node's revisions and those of other writers", () => {
    expect(parseRev('12-00001234abc')).toEqual({ generation: 12, hash: '00001234abc' })
    expect(parseRev('1-x-y')).toEqual({ generation: 1, hash: 'x-y' })
    expect(formatRev(parseRev('2147483648-abc'))).toBe('2147483648-abc')
  })
  it.each(['', '1', '1-', '-1-a', '0-a', '01-a', 'a-1', '1.5-a', '1-a b', ' 1-a', '1-a\n', '1e3-a'])(
    'refuses %j',
    (rev) => expect(refusal(() => parseRev(rev))).toBe(true),
  )
  it('refuses a generation above 2^31, written too', () => {
    expect(refusal(() => parseRev(`${MAX_GENERATION + 1}-a`))).toBe(true)
    expect(refusal(() => formatRev({ generation: MAX_GENERATION + 1, hash: 'a' }))).toBe(true)
    expect(refusal(() => parseRev(`${'9'.repeat(16)}-a`))).toBe(true)
    expect(refusal(() => parseRev(`${MAX_GENERATION}-a`))).toBe(false)
  })
})

describe('winnerOf', () => {
  it('is nothing where nothing is', () => {
    expect(winnerOf([])).toBeUndefined()
  })
  it.each([7, 9] as const)('is the leaf that PouchDB %i shows, over many trees', async (version) => {
    const pouch = database(version)
    const hash = fc.stringMatching(/^[0-9a-f]{32}$/)
    const leaf = fc.record({ generation: fc.integer({ min: 1, max: 12 }), hash, deleted: fc.boolean() })
    const trees = fc.sample(
      fc.uniqueArray(leaf, { minLength: 1, maxLength: 5, selector: (one) => one.hash }),
      {
        numRuns: 300,
        seed: 42,
      },
    )
    const documents = trees.flatMap((leaves, at) =>
      leaves.map(({ generation, hash, deleted }) => ({
        _id: `d${at}`,
        _rev: `${generation}-${hash}`,
        ...(deleted ? { _deleted: true } : {}),
      })),
    )
    await pouch.bulkDocs(documents, { new_edits: false })
    const { results } = await pouch.changes({ style: 'main_only' })
    const shown = new Map(results.map(({ id, changes }) => [id, changes[0]?.rev]))
    for (const [at, leaves] of trees.entries()) {
      const revs: LeafRev[] = leaves.map((one) => ({
        rev: `${one.generation}-${one.hash}`,
        deleted: one.deleted,
      }))
      expect(winnerOf(revs)?.rev).toBe(shown.get(`d${at}`))
      expect(winnerOf(revs.reverse())?.rev).toBe(shown.get(`d${at}`))
    }
    await pouch.destroy()
  })
})

it('carries a leaf over as deleted: its record is gone with the old database', () => {
  expect(carriedLeaf('3-abc')).toEqual({ rev: '3-abc', deleted: true })
})
