import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import {
  batches,
  isUuid,
  jsonb,
  storableJson,
  storableText,
  textArray,
} from '../../../src/store/sql-values.js'
import { onEveryStore } from '../../support/store-suite.js'

await onEveryStore('values of a statement', (store) => {
  const echo = async (value: ReturnType<typeof sql>): Promise<unknown> =>
    (await sql<{ value: unknown }>`select ${value} as value`.execute(store().db)).rows[0]?.value

  it.each([[['a', 'b']], ['text'], [null], [{ a: [] }], [7]])('carry the JSON %j', async (value) => {
    expect(await echo(jsonb(value))).toEqual(value)
  })

  it('carry lists of any texts', async () => {
    const texts = ['', '"', '\\', '{}', 'NULL', 'a,b', '👩‍👩‍👧', "'; --"]
    expect(await echo(textArray(texts))).toEqual(texts)
    expect(await echo(textArray([]))).toEqual([])
  })

  it('carry text that was made storable', async () => {
    const text = storableText('a\0b\ud800c', 100)
    expect(await echo(sql`${text}::text`)).toBe(text)
    expect(text).toBe('a\uFFFDb\uFFFDc')
  })
})

describe('storable text', () => {
  it('is cut, also through a character of two units, and stays well formed', () => {
    expect(storableText('abc', 2)).toBe('ab')
    expect(storableText('a👩', 2)).toBe('a\uFFFD')
  })
})

describe('a UUID', () => {
  it.each([
    ['0190a0b0-0000-7000-8000-00000000000f', true],
    ['0190A0B0-0000-7000-8000-00000000000F', true],
    ['0190a0b0-0000-7000-8000-00000000000', false],
    ['0190a0b000007000800000000000000f', false],
    [' 0190a0b0-0000-7000-8000-00000000000f', false],
    ['', false],
  ])('%j is one: %s', (text, expected) => {
    expect(isUuid(text)).toBe(expected)
  })
})

describe('storable JSON', () => {
  it('is the same value when a column can hold it', () => {
    const value = { text: '\\u0000 \\ud800 only quoted', pair: '👩', list: [1, null] }
    expect(storableJson(value)).toEqual(value)
  })

  it('has no NUL and no lone surrogate, in names neither, and is the same when made again', () => {
    const made = storableJson({ 'a\0': ['b\0\0', { c: '\ud800x\udc00', d: '\ud83d\udc69' }], n: 1 })
    expect(made).toEqual({ 'a\uFFFD': ['b\uFFFD\uFFFD', { c: '\uFFFDx\uFFFD', d: '👩' }], n: 1 })
    expect(storableJson(made)).toEqual(made)
    expect(storableJson('\0')).toBe('\uFFFD')
  })

  it('keeps a member named like a part of every object', () => {
    const value = JSON.parse('{"__proto__": {"x": "\\u0000"}}') as { readonly [name: string]: never }
    expect(JSON.stringify(storableJson(value))).toBe('{"__proto__":{"x":"\uFFFD"}}')
  })
})

describe('batches', () => {
  it('hold every item once, in order, none larger than asked', () => {
    expect(batches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
    expect(batches([], 2)).toEqual([])
  })
})
