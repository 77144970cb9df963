import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { mergeLeaves, openLeaves, sealLeaves } from '../../../src/vault/kept-leaves.js'

const key = randomBytes(32)
const kept = { revs: new Map([['a', '3-x']]), generationFloor: 12 }

test('kept leaves open under their key, as those of their database', () => {
  const sealed = sealLeaves(key, 'one', kept)
  expect(openLeaves(key, 'one', sealed)).toEqual(kept)
  expect(sealed).not.toContain('3-x')
})

test('kept leaves of another database, under another key or changed are lost, not wrong', () => {
  const sealed = sealLeaves(key, 'one', kept)
  expect(openLeaves(key, 'two', sealed)).toBeUndefined()
  expect(openLeaves(randomBytes(32), 'one', sealed)).toBeUndefined()
  expect(openLeaves(key, 'one', sealed.slice(0, -4))).toBeUndefined()
})

test('of two, the higher revision of each document and the higher floor stay', () => {
  const a = { revs: new Map([['a', '9-b'], ['b', '2-a'], ['c', '1-a']]) } // prettier-ignore
  const b = { revs: new Map([['a', '10-a'], ['b', '2-b']]), generationFloor: 5 } // prettier-ignore
  const merged = mergeLeaves(a, b)
  expect(Object.fromEntries(merged.revs)).toEqual({ a: '10-a', b: '2-b', c: '1-a' })
  expect(merged.generationFloor).toBe(5)
  expect(mergeLeaves(b, a)).toEqual(mergeLeaves(a, b))
})
