/** Padding: lengths that tell nothing, text that stays the same (protocol.md 1.4). */
import { expect, it } from 'vitest'
import { PAD_BYTES, padJson } from '../../../src/vault/pad.js'

it.each([2, 100, 255, 256, 257, 511, 512, 513])('fills %i bytes up to a multiple of 256', (size) => {
  const json = JSON.stringify('x'.repeat(size - 2))
  const padded = padJson(json)
  expect(padded.length).toBe(Math.ceil(size / 256) * 256)
  expect(padded.toString('utf8').trimEnd()).toBe(json)
})
it('counts bytes, not characters', () => {
  const json = JSON.stringify('日'.repeat(100))
  expect(padJson(json).length).toBe(512)
  expect(JSON.parse(padJson(json).toString('utf8'))).toBe('日'.repeat(100))
})
it('uses what JSON.parse ignores, and nothing that lay in memory before', () => {
  expect(padJson('{}').subarray(2)).toEqual(Buffer.alloc(PAD_BYTES - 2, ' '))
})
it('is what hides the length of posts on a storage node: 256 bytes', () => {
  expect(PAD_BYTES).toBe(256)
})
