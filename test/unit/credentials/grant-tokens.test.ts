import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openGrantTokens, sealGrantTokens } from '../../../src/credentials/grant-tokens.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'
import { testTokens } from '../../support/vault-grant.js'

const seal = { nodeSecret: randomBytes(32), grantId: 'grant-1' }
const grantSecret = randomBytes(32)
const content = { grantSecret, generation: 4, tokens: testTokens(4), account: { id: '1', name: 'Ada' } }

it('kept tokens come back with generation, account and secret', () => {
  const opened = openGrantTokens(seal, grantSecret, sealGrantTokens(seal, content))
  expect(opened).toMatchObject({ generation: 4, account: content.account })
  expect(opened.tokens && reveal(opened.tokens.accessToken)).toBe('access 4')
  expect(Buffer.from(opened.grantSecret).equals(grantSecret)).toBe(true)
})

it('kept tokens may be as long as a provider makes them', () => {
  const long = { ...content, tokens: { accessToken: new Redacted('x'.repeat(100_000)) } }
  const opened = openGrantTokens(seal, grantSecret, sealGrantTokens(seal, long))
  expect(opened.tokens && reveal(opened.tokens.accessToken)).toHaveLength(100_000)
})

it('neither the node’s secret nor the grant’s opens them alone', () => {
  const sealed = sealGrantTokens(seal, content)
  const refused = expect.objectContaining({ code: 'SEAL_FAILED' }) as Error
  expect(() => openGrantTokens(seal, randomBytes(32), sealed)).toThrow(refused)
  expect(() => openGrantTokens({ ...seal, nodeSecret: randomBytes(32) }, grantSecret, sealed)).toThrow(
    refused,
  )
})
