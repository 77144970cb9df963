/** A Vault's grant of an account that nobody signs in to: what has ended is opened anew, and the new capsules carry it on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openGrant } from '../../../src/credentials/open-grant.js'
import { openTokens } from '../../../src/credentials/open-tokens.js'
import { decodeContent } from '../../../src/credentials/capsule-content.js'
import { isRenewable, refreshTokens } from '../../../src/credentials/token-refresh.js'
import { silentLog } from '../../../src/lib/log.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'
import { usableProvider, type Catalog, type FieldValues } from '../../../src/provider/index.js'
import type { Store } from '../../../src/store/index.js'
import { openTestStore } from '../../support/database.js'
import { enteredFor, keyCatalog, startKeyService, type KeyService } from '../../support/key-service.js'
import { NOW } from '../../support/store-rows.js'
import { connectVault, testGrantPorts } from '../../support/vault-grant.js'

let store: Store
let service: KeyService
let catalog: Catalog
beforeAll(async () => {
  store = await openTestStore('pglite')
  service = await startKeyService()
  catalog = keyCatalog(service)
})
beforeEach(() => service.refuse('nothing'))
afterAll(async () => {
  await service.close()
  await store.close()
})

async function connected(type: 'by-client' | 'by-robot' | 'by-calls') {
  const use = usableProvider(catalog, type)
  const [auth] = use.provider.auth
  const entered = Object.entries(enteredFor(service)[type])
  const isSecret = (name: string): boolean => auth.fields?.[name]?.kind === 'secret'
  const fields: FieldValues = {
    texts: Object.fromEntries(entered.filter(([name]) => !isSecret(name))),
    secrets: Object.fromEntries(
      entered.filter(([name]) => isSecret(name)).map(([name, value]) => [name, new Redacted(value)]),
    ),
  }
  let nowMs = NOW
  const clock = { now: () => nowMs }
  const calls = { clock, log: silentLog }
  const ports = testGrantPorts(store, { clock })
  const vault = await connectVault(ports, { tokens: await openTokens(calls, use, { auth, fields }) })
  const open = (capsules = vault.capsules) =>
    openGrant(ports, {
      ...vault,
      capsules,
      refresh: (tokens) => refreshTokens(calls, use, tokens),
      isRenewable: (tokens) => isRenewable(use, tokens),
    })
  return { open, fields, advance: (ms: number) => void (nowMs += ms) }
}

describe.each(['by-client', 'by-robot', 'by-calls'] as const)('%s', (type) => {
  it('is opened anew, once for many calls, and the Vault’s next capsules open it too', async () => {
    const { open, fields } = await connected(type)
    const grant = await open()
    const [before, old] = [service.opened(), reveal(await grant.current())]
    service.refuse('tokens')
    const fresh = await Promise.all(Array.from({ length: 10 }, () => grant.refresh()))
    expect(new Set(fresh.map(reveal)).size).toBe(1)
    expect([service.opened(), reveal(await grant.current()) === old]).toEqual([before + 1, false])
    const next = grant.newAuth()
    if (next === undefined) throw new Error('no new capsules')
    const again = await open(next)
    expect(again.tokens()).toMatchObject({ kind: grant.tokens().kind, fields: { texts: fields.texts } })
    expect(reveal(again.tokens().accessToken)).toBe(fresh.map(reveal)[0])
    expect(again.tokens().refreshToken).toBeUndefined()
  })

  it('that is refused is TOKEN_REVOKED, and a service that is down is not', async () => {
    const { open } = await connected(type)
    const grant = await open()
    service.refuse('grants')
    // The client's own refusal is the operator's: its people's accounts are as they were.
    await expect(grant.refresh()).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    service.refuse('nothing')
    expect(reveal(await grant.refresh())).toMatch(/^canary-session-/)
  })
})

it.each(['by-client', 'by-robot'] as const)('%s is opened anew before its time is over', async (type) => {
  const { open, advance } = await connected(type)
  const grant = await open()
  const before = service.opened()
  await grant.current()
  expect(service.opened()).toBe(before)
  advance(3_590_000)
  await grant.current()
  expect(service.opened()).toBe(before + 1)
})

it('capsules of before there were kinds and fields are read as they were', () => {
  const secret = Buffer.alloc(32, 5)
  const access = {
    s: secret.toString('base64url'),
    g: 2,
    t: 'access',
    e: 5,
    c: ['posts'],
    a: { i: '1', n: 'A' },
  }
  const content = decodeContent(JSON.stringify(access), '{"g":2,"t":"refresh"}')
  expect(content).toMatchObject({ generation: 2, account: { id: '1', name: 'A' } })
  const { accessToken, refreshToken, ...rest } = content.tokens ?? { accessToken: new Redacted('') }
  expect([reveal(accessToken), refreshToken && reveal(refreshToken)]).toEqual(['access', 'refresh'])
  expect(rest).toEqual({ expiresAtMs: 5, scopes: ['posts'] })
})
