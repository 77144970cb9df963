/** `connector-node token`: prints a JWT that the same node believes; nothing in production or beside another issuer. */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { jwtReader } from '../../../src/api/authentication/json-web-token.js'
import { readJwtTrust } from '../../../src/api/authentication/jwt-trust.js'
import { SCOPES } from '../../../src/api/authentication/principal.js'
import { mintToken, type TokenFacts } from '../../../src/cli/token.js'
import { readConfig } from '../../../src/config.js'
import { systemClock } from '../../../src/lib/clock.js'
import { whilePrinting } from '../../support/printed.js'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'token-'))
  vi.stubEnv('DATA_DIR', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function minted(facts: TokenFacts): Promise<string> {
  const printed = await whilePrinting(async () => {
    expect(await mintToken(facts)).toBe(0)
  })
  expect(printed).toHaveLength(1)
  return printed[0]!
}

async function principalOf(token: string) {
  const trust = await readJwtTrust(readConfig())
  return jwtReader(trust!, systemClock)(token)
}

describe('the command token', () => {
  it('prints a token of all scopes, by a secret that is made once and kept like the others', async () => {
    const token = await minted({ tenant: 'acme' })
    expect(await principalOf(token)).toEqual({
      tenant: 'acme',
      subject: 'developer',
      scopes: new Set(SCOPES),
      kind: 'jwt',
      actor: 'user:developer',
    })
    expect((await stat(join(folder, 'secrets', 'tokens'))).mode & 0o777).toBe(0o600)
  })

  it('gives the subject and the scopes that are asked for, and the issuer and audience of the settings', async () => {
    vi.stubEnv('JWT_SHARED_SECRET', 's'.repeat(32))
    vi.stubEnv('JWT_ISSUER', 'https://issuer.example')
    vi.stubEnv('JWT_AUDIENCE', 'here')
    const token = await minted({ tenant: 'acme', subject: 'ada', scopes: 'records:read, connectors:read' })
    expect(await principalOf(token)).toMatchObject({
      subject: 'ada',
      scopes: new Set(['connectors:read', 'records:read']),
    })
    vi.stubEnv('JWT_AUDIENCE', 'elsewhere')
    await expect(principalOf(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it.each<[string, TokenFacts, Record<string, string>]>([
    ['--tenant', { tenant: 'a b' }, {}],
    ['--scopes', { tenant: 'acme', scopes: 'records:read,everything' }, {}],
    [
      'another issuer',
      { tenant: 'acme' },
      { JWT_JWKS_URL: 'https://issuer.example/keys', JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' },
    ],
  ])('says what is wrong: %s', async (what, facts, environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    await expect(mintToken(facts)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: expect.stringContaining(what) as string,
    })
  })

  it('makes nothing in production, where no secret is made either', async () => {
    for (const [name, value] of Object.entries({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://node.example',
      VERIDA_RPC_URL: 'https://rpc.example',
      VERIDA_STORAGE_NODES: 'https://storage.example',
      VERIDA_PRIVATE_KEY: 'ab'.repeat(32),
      NODE_DERIVATION_SECRET: 'x',
      CONNECTOR_ENCRYPTION_KEY: 'x',
    }))
      vi.stubEnv(name, value)
    expect(await readJwtTrust(readConfig())).toBeUndefined()
    vi.stubEnv('JWT_SHARED_SECRET', 's'.repeat(32))
    await expect(mintToken({ tenant: 'acme' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(stat(join(folder, 'secrets'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
