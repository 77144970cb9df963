import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/lib/canonical-json.js'
import { scrub } from '../../../src/sync/scrub.js'

const TOKEN = 'EAAB-live-token-123456'

describe('raw data of a provider', () => {
  it.each([
    'access_token',
    'accessToken',
    'ACCESS_TOKEN',
    'refresh_token',
    'id_token',
    'token',
    'pageToken',
    'client_secret',
    'secret',
    'Authorization',
    'api_key',
    'apiKey',
    'password',
  ])('loses a member named %s, at any depth', (name) => {
    const value = { a: [{ [name]: 'hidden', kept: 1 }], [name]: { deep: 'hidden' } }
    expect(scrub(value, [])).toEqual({ a: [{ kept: 1 }] })
  })

  it.each(['tokens', 'secretary', 'passwordless', 'tokenized', 'nextPageToken', 'name'])(
    'keeps a member named %s',
    (name) => {
      expect(scrub({ [name]: 'kept' }, [])).toEqual({ [name]: 'kept' })
    },
  )

  it('loses the values of token parameters in addresses, and keeps the rest of them', () => {
    const url = 'https://x.test/p?access_token=abc&after=1&appsecret_proof=def&sig=x%20y#id_token=z'
    expect(scrub(`see ${url} now`, [])).toBe(
      'see https://x.test/p?access_token=removed&after=1&appsecret_proof=removed&sig=removed#id_token=removed now',
    )
  })

  it('keeps what people write: codes of shops are no credentials', () => {
    const text = 'https://shop.test/?code=SAVE10&lang=en and a=b'
    expect(scrub(text, [])).toBe(text)
  })

  it('loses the live tokens wherever they stand, each time they do', () => {
    const value = { note: `${TOKEN} and ${TOKEN}`, list: [[TOKEN]] }
    expect(JSON.stringify(scrub(value, [TOKEN]))).not.toContain(TOKEN)
  })

  it('does not take ordinary words for a token because a token is short', () => {
    expect(scrub('the cat', ['cat', ''])).toBe('the cat')
  })

  it('is otherwise what it was, and is not changed itself', () => {
    const value: Json = { n: 1, t: true, z: null, e: '', o: {}, l: [], deep: { list: [1, 'two'] } }
    const before = JSON.stringify(value)
    expect(scrub(value, [TOKEN])).toEqual(value)
    expect(JSON.stringify(value)).toBe(before)
  })
})
