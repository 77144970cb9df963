import { expect, it } from 'vitest'
import { lackingScopes } from '../../../src/credentials/asked-scopes.js'
import { Redacted } from '../../../src/lib/redacted.js'
import type { OAuth2 } from '../../../src/provider/index.js'

const DRIVE = 'https://www.example/auth/drive.readonly'
const scopes = { [DRIVE]: 'Files', read_products: 'Products', 'Files.Read': 'Files' }

function lacking(
  granted: readonly string[] | undefined,
  needed: readonly string[],
  facts: Partial<OAuth2> = {},
) {
  const auth: OAuth2 = { kind: 'oauth2', authorize: '', token: '', scopes, refresh: false, ...facts }
  const tokens = { accessToken: new Redacted('t'), ...(granted && { scopes: granted }) }
  return lackingScopes({ id: 'x', auth: [auth] }, tokens, needed)
}

it.each<readonly [string, readonly string[] | undefined, readonly string[], readonly string[]]>([
  ['a service that does not say', undefined, [DRIVE], []],
  ['the same name', [DRIVE], [DRIVE], []],
  ['another of the declared', ['read_products'], [DRIVE], [DRIVE]],
  ['nothing at all', [], ['read_products'], ['read_products']],
  ['a short name for an address', ['drive.readonly'], [DRIVE], []],
  ['an address for a short name', ['https://graph.example/Files.Read'], ['Files.Read'], []],
  ['two addresses that end alike', ['https://evil.example/auth/drive.readonly'], [DRIVE], []],
  ['names of OpenID Connect beside', ['openid', 'email', 'profile'], [DRIVE], [DRIVE]],
  ['a name that nobody can read', ['repo'], [DRIVE], []],
  ['a stream that needs none', [], [], []],
  ['a stream that needs what is not declared', [], ['other'], []],
])('%s', (_what, granted, needed, expected) => {
  expect(lacking(granted, needed)).toEqual(expected)
})

it('scopes that imply others are declared, and then every other name counts as what it is', () => {
  const scopeGrants = { write_products: ['read_products'] }
  expect(lacking(['write_products'], ['read_products'], { scopeGrants })).toEqual([])
  expect(lacking(['write_orders'], ['read_products'], { scopeGrants })).toEqual(['read_products'])
  expect(lacking(['repo'], [DRIVE], { scopeGrants: {} })).toEqual([DRIVE])
  expect(lacking(['constructor'], [DRIVE], { scopeGrants })).toEqual([DRIVE])
})
