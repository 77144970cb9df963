/** Answers of another form stop a stream, and the error says where, never what. */
import { describe, expect, it } from 'vitest'
import { readAnswer, z, type HttpAnswer } from '../../../src/provider/index.js'

const answer = (json: unknown): HttpAnswer => ({ status: 200, headers: {}, json })
const page = z.object({ items: z.array(z.unknown()), next: z.string().nullish() })

describe('an answer', () => {
  it('of the expected form is read, with the changes that the form makes', () => {
    const counted = page.transform(({ items }) => items.length)
    expect(readAnswer(counted, answer({ items: [1, null, {}], more: 'ignored' }))).toBe(3)
  })

  it.each([
    [null, ':invalid_type'],
    ['CANARY', ':invalid_type'],
    [{ items: 'CANARY' }, 'items:invalid_type'],
    [{ items: [], next: { CANARY: 1 } }, 'next:invalid_type'],
  ])('of another form is PROVIDER_CHANGED by path: %j', (json, path) => {
    const read = () => readAnswer(page, answer(json))
    expect(read).toThrow(expect.objectContaining({ code: 'PROVIDER_CHANGED' }) as Error)
    expect(read).toThrow(path)
    expect(read).not.toThrow(/CANARY/)
  })

  it('names five places at most', () => {
    const wide = z.object(Object.fromEntries('abcdefgh'.split('').map((name) => [name, z.string()])))
    expect(() => readAnswer(wide, answer({}))).toThrow(
      '(a:invalid_type b:invalid_type c:invalid_type d:invalid_type e:invalid_type)',
    )
  })
})
