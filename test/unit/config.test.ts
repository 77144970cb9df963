/** Settings: one message for all faults, secrets that print as hidden, and an example file that is whole. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { inspect } from 'node:util'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig, readRemote } from '../../src/config.js'
import { NodeError } from '../../src/errors.js'
import { reveal } from '../../src/lib/redacted.js'
import { secret, text } from '../../src/provider/index.js'

const KEY = 'ab'.repeat(32)

function faultsOf(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'CONFIG_INVALID') return error.detail ?? ''
    throw error
  }
  return ''
}

describe('settings', () => {
  it('need not be given at all', () => {
    const config = readConfig({})
    expect(config).toMatchObject({ PORT: 5021, embedded: true, production: false, VAULT_LEGACY_GET: true })
    expect(config.dataDir).toBe(join(process.cwd(), 'data'))
  })
  it('that are empty count as not given', () => {
    const config = readConfig({ PORT: '', PUBLIC_URL: ' ' })
    expect([config.PORT, config.PUBLIC_URL]).toEqual([5021, undefined])
  })
  it('are refused with one message that lists every fault', () => {
    const faults = faultsOf({
      PORT: '70000',
      PUBLIC_URL: 'ftp://x',
      VERIDA_PRIVATE_KEY: 'short',
      VERIFY_NODES: '0',
    })
    for (const name of ['PORT', 'PUBLIC_URL', 'VERIDA_PRIVATE_KEY', 'VERIFY_NODES'])
      expect(faults).toContain(`- ${name}`)
    expect(faults).not.toContain('short')
    expect(faults).toContain('.env.example')
  })
  it('of production must all be there', () => {
    const faults = faultsOf({ NODE_ENV: 'production', PUBLIC_URL: 'http://node.example' })
    for (const name of [
      'VERIDA_RPC_URL',
      'VERIDA_PRIVATE_KEY',
      'NODE_DERIVATION_SECRET',
      'CONNECTOR_ENCRYPTION_KEY',
      'VERIDA_STORAGE_NODES',
      'PUBLIC_URL: must be https',
    ])
      expect(faults).toContain(name)
  })
  it.each([
    [{ JWT_SHARED_SECRET: 'short' }, '- JWT_SHARED_SECRET: must have at least 32 characters'],
    [{ OPERATOR_TOKEN: 'short' }, '- OPERATOR_TOKEN: must have at least 32 characters'],
    [{ JWT_JWKS_URL: 'https://issuer.example/keys' }, '- JWT_AUDIENCE: is needed with JWT_JWKS_URL'],
    [{ JWT_JWKS_URL: 'https://issuer.example/keys' }, '- JWT_ISSUER: is needed with JWT_JWKS_URL'],
    [
      { JWT_JWKS_URL: 'https://issuer.example/keys', JWT_SHARED_SECRET: 's'.repeat(32) },
      '- JWT_JWKS_URL: give it or JWT_SHARED_SECRET, not both',
    ],
    [
      { NODE_ENV: 'production', JWT_JWKS_URL: 'http://issuer.example/keys' },
      '- JWT_JWKS_URL: must be https in production',
    ],
    [{ CORS_ORIGINS: '*' }, '- CORS_ORIGINS.0'],
    [
      { CORS_ORIGINS: 'https://app.example, https://app.example/path' },
      '- CORS_ORIGINS.1: must be an origin',
    ],
  ])('of tenants’ applications are refused when they would let in more than meant: %j', (settings, fault) => {
    expect(faultsOf(settings)).toContain(fault)
  })
  it('list the origins of pages one by one', () => {
    const { CORS_ORIGINS } = readConfig({ CORS_ORIGINS: 'http://localhost:5173, https://app.example' })
    expect(CORS_ORIGINS).toEqual(['http://localhost:5173', 'https://app.example'])
  })
  it('of a role that shares its work need a database that can be shared', () => {
    expect(faultsOf({ NODE_ROLE: 'worker' })).toContain('NODE_ROLE')
    const shared = { NODE_ROLE: 'worker', DATABASE_URL: 'postgres://x@127.0.0.1/y' }
    expect(readConfig(shared).NODE_ROLE).toBe('worker')
  })
  it('take a secret from a file, and say when it cannot be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    writeFileSync(join(folder, 'key'), `${KEY}\n`)
    const config = readConfig({ VERIDA_PRIVATE_KEY_FILE: join(folder, 'key') })
    expect(reveal(config.VERIDA_PRIVATE_KEY!)).toBe(KEY)
    rmSync(folder, { recursive: true })
    expect(faultsOf({ VERIDA_PRIVATE_KEY_FILE: join(folder, 'key') })).toContain('cannot be read')
  })
  it('print their secrets as hidden', () => {
    const config = readConfig({ VERIDA_PRIVATE_KEY: KEY, NODE_DERIVATION_SECRET: `1:${KEY}` })
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toContain(KEY)
  })
  it('stand in .env.example, each by its name', () => {
    const names = readFileSync('.env.example', 'utf8').match(/^[A-Z_]+(?==)/gm) ?? []
    const read = Object.keys(readConfig({})).filter((name) => /^[A-Z_]+$/.test(name))
    expect(read.length).toBeGreaterThan(20)
    expect(names).toEqual(expect.arrayContaining(read))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('names of an earlier file connector', () => {
  const shape = { clientId: text(), clientSecret: secret() }
  it('are taken with its values', () => {
    const config = readConfig({
      CONNECTOR_ENVIRONMENT: 'development',
      CONNECTOR_LOG_LEVEL: 'WARNING',
      CONNECTOR_MAX_CONCURRENT_SYNCS: '10',
      CONNECTOR_AUTODESK_CLIENT_ID: 'id',
      CONNECTOR_AUTODESK_CLIENT_SECRET: 'Hush-Hush',
    })
    expect(config).toMatchObject({ NODE_ENV: 'development', LOG_LEVEL: 'warn', MAX_CONCURRENT_SYNCS: 10 })
    const read = config.providerSettings('autodesk-construction-cloud', shape)
    if (read.kind !== 'set') throw new Error(read.names.join())
    expect([read.settings.clientId, reveal(read.settings.clientSecret)]).toEqual(['id', 'Hush-Hush'])
  })
  it.each([
    ['INFO', 'info'],
    ['CRITICAL', 'fatal'],
    ['debug', 'debug'],
  ])('read the level %s as %s', (given, level) => {
    expect(readConfig({ CONNECTOR_LOG_LEVEL: given }).LOG_LEVEL).toBe(level)
  })
  it('go behind the node’s own', () => {
    const config = readConfig({ CONNECTOR_LOG_LEVEL: 'ERROR', LOG_LEVEL: 'debug' })
    expect(config.LOG_LEVEL).toBe('debug')
  })
  it('are held to the same rules', () => {
    expect(faultsOf({ CONNECTOR_MAX_CONCURRENT_SYNCS: '0' })).toContain('MAX_CONCURRENT_SYNCS')
    expect(faultsOf({ CONNECTOR_ENVIRONMENT: 'production' })).toContain('PUBLIC_URL: is needed in production')
    expect(faultsOf({ CONNECTOR_LOG_LEVEL: 'LOUD' })).toContain('LOG_LEVEL')
  })
  it('of a Supabase project need its database', () => {
    const supabase = {
      CONNECTOR_SUPABASE_URL: 'https://x.supabase.example',
      CONNECTOR_SUPABASE_ANON_KEY: 'hush',
    }
    const faults = faultsOf(supabase)
    expect(faults).toContain('CONNECTOR_SUPABASE_URL: the node works on the project')
    expect(faults).not.toContain('hush')
    expect(faultsOf({ ...supabase, DATABASE_URL: 'postgres://x@127.0.0.1/y' })).toBe('')
  })
})

describe('the node that commands talk to', () => {
  it('is this machine’s, with a token that prints as hidden', () => {
    const remote = readRemote({ CONNECTOR_TOKEN: 'hush' })
    expect(remote).toMatchObject({ url: 'http://127.0.0.1:5021', apiPrefix: '/api' })
    expect(inspect(remote)).not.toContain('hush')
    expect(readRemote({ CONNECTOR_TOKEN: 'x', CONNECTOR_URL: 'https://n.example/' }).url).toBe(
      'https://n.example',
    )
  })
  it.each([
    [{}, 'CONNECTOR_TOKEN: is needed'],
    [{ CONNECTOR_TOKEN: 'x', CONNECTOR_URL: 'ftp://x' }, 'CONNECTOR_URL'],
  ])('is not there with %j', (environment, detail) => {
    expect(() => readRemote(environment)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        detail: expect.stringContaining(detail) as string,
      }) as Error,
    )
  })
})

describe('settings of a provider', () => {
  const shape = { clientId: text(), clientSecret: secret(), version: text({ fallback: 'v1' }) }
  it('are missing by name until all are set', () => {
    const config = readConfig({ ACME_CRM_CLIENT_ID: 'id' })
    expect(config.providerSettings('acme-crm', shape)).toEqual({
      kind: 'missing',
      names: ['ACME_CRM_CLIENT_SECRET'],
      settings: { clientId: 'id', version: 'v1' },
    })
  })
  it('hide what is secret, and fall back where they may', () => {
    const read = readConfig({
      ACME_CRM_CLIENT_ID: 'id',
      ACME_CRM_CLIENT_SECRET: 'hush-hush',
    }).providerSettings('acme-crm', shape)
    expect(read).toMatchObject({ kind: 'set', settings: { clientId: 'id', version: 'v1' } })
    expect(inspect(read, { depth: 5 })).not.toContain('hush-hush')
  })
})
