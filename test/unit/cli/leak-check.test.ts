import { describe, expect, it } from 'vitest'
import { findLeaks } from '../../../src/cli/leak-check.js'
import type { Json } from '../../../src/lib/canonical-json.js'

const OWN = ['Quentin', 'q-token-5b1f9c']
const found = (value: Json) => findLeaks('a.json', value, OWN).map(({ message }) => message)

describe('what still looks like a secret or a person', () => {
  it.each<readonly [string, Json]>([
    ['the account’s own name', { text: 'by QUENTIN' }],
    ['a secret of the run', ['q-token-5b1f9c']],
    ['the same in an address', 'https://x.example/?t=q-token-5b1f9c'],
    ['the same as base64', Buffer.from('q-token-5b1f9c and more').toString('base64')],
    ['the same as hexadecimal digits', Buffer.from('q-token-5b1f9c').toString('hex')],
    ['the same backwards', Array.from('q-token-5b1f9c').reverse().join('')],
    ['the same as a member', { 'q-token-5b1f9c': 1 }],
    ['a mail address', 'ann@corp.test'],
    ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x'],
    ['a key of a service', 'sk_live_abcdefghijklmnop'],
    ['a header', 'Bearer abcdefgh12345'],
    ['a key file', '-----BEGIN PRIVATE KEY-----'],
    ['a phone number', '+44 20 7946 0958'],
    ['an address of a network', 'from 81.2.69.142'],
    ['something random', 'Zx81kQ93mNb7Tr5Lw2VhYp04'],
  ])('%s', (_what, value) => {
    expect(found(value)).toHaveLength(1)
  })

  it('is told by file and place, never by its value', () => {
    const [finding] = findLeaks('posts/page-1.json', { body: [{ by: 'Quentin' }] }, OWN)
    expect(finding).toEqual({
      path: 'posts/page-1.json/0/0/0',
      message: 'looks like something of this very account',
    })
  })
})

it.each<readonly [string, Json]>([
  ['fakes', ['person-12@example.com', '+1 202 555 0107', '00000000-0000-4000-8000-000000000012', 'id-400']],
  ['addresses', 'https://api.service.example/v1.0/items/id-12?limit=100&cursor=id-4'],
  ['times and amounts', { at: '2024-01-02T03:04:05.678Z', total: 1150.25, ms: 1704164645678 }],
  ['words', ['application/json', 'Europe/Berlin', 'en-US', 'partially_refunded']],
])('%s are nobody’s', (_what, value) => {
  expect(found(value)).toEqual([])
})
