import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sealCapsules, type CapsulePair } from '../../../src/credentials/capsule.js'
import { generateKey, parseKeyRing, type KeyRing } from '../../../src/credentials/key-ring.js'
import { generateNodeSecret, parseNodeSecrets } from '../../../src/credentials/node-secrets.js'
import { openGrant, type GrantPorts, type OpenGrant } from '../../../src/credentials/open-grant.js'
import { fileJournal, type TokenJournal } from '../../../src/credentials/token-journal.js'
import { NodeError } from '../../../src/errors.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'
import type { Tokens } from '../../../src/provider/index.js'
import { grants, type Grant, type Store } from '../../../src/store/index.js'
import { openTestStore } from '../../support/database.js'
import { NOW } from '../../support/store-rows.js'
import {
  ACCOUNT,
  connectVault,
  testGrantPorts,
  testTokens,
  type ConnectedVault,
} from '../../support/vault-grant.js'

let store: Store
let folder = ''
let journal: TokenJournal
let ports: GrantPorts
beforeAll(async () => {
  store = await openTestStore('pglite')
  folder = await mkdtemp(join(tmpdir(), 'connector-node-grants-'))
})
beforeEach(() => {
  journal = fileJournal(folder)
  ports = testGrantPorts(store, { journal })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

/** A provider that counts refreshes: the nth gives `access n+1`, and refuses a refresh token that it has replaced. */
function rotatingProvider(from = 1): { refresh: (tokens: Tokens) => Promise<Tokens>; count: () => number } {
  let generation = from
  return {
    count: () => generation - from,
    async refresh({ refreshToken }) {
      const sent = refreshToken === undefined ? '' : reveal(refreshToken)
      if (!sent.startsWith(`refresh ${generation}`))
        throw new NodeError('TOKEN_REVOKED', { detail: `${sent} was sent again` })
      generation += 1
      return testTokens(generation)
    },
  }
}

const noRefresh = (): Promise<Tokens> => Promise.reject(new Error('the provider was asked'))

async function open(
  vault: ConnectedVault,
  facts: {
    capsules?: CapsulePair
    key?: Buffer
    refresh?: (tokens: Tokens) => Promise<Tokens>
    ports?: GrantPorts
  } = {},
): Promise<OpenGrant> {
  const { ports: by = ports, ...rest } = facts
  return openGrant(by, {
    ...vault,
    refresh: noRefresh,
    isRenewable: ({ refreshToken }) => refreshToken !== undefined,
    ...rest,
  })
}

async function row({ grantId }: ConnectedVault): Promise<Grant> {
  const grant = await grants.get(store.db, grantId)
  if (grant === undefined) throw new Error('no such grant')
  return grant
}

/** What the store was before `work`: a restored backup, or commits that a power loss took. */
async function forgotten(vault: ConnectedVault, work: () => Promise<unknown>): Promise<void> {
  const { id, ...before } = await row(vault)
  await work()
  await store.db
    .updateTable('grants')
    .set({ ...before, lastRequest: null })
    .where('id', '=', id)
    .execute()
}

const accessOf = (grant: OpenGrant): string => reveal(grant.tokens().accessToken)

async function refused(opening: Promise<unknown>): Promise<void> {
  await expect(opening).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
}

describe('opening a grant', () => {
  it('gives tokens and account, and no new capsules while the Vault has the newest', async () => {
    const vault = await connectVault(ports)
    const grant = await open(vault)
    expect(grant).toMatchObject({ grantId: vault.grantId, account: ACCOUNT })
    expect(accessOf(grant)).toBe('access 1')
    expect(reveal(await grant.current())).toBe('access 1')
    expect(grant.newAuth()).toBeUndefined()
    expect(grant.liveTokens()).toEqual(['access 1', 'refresh 1'])
  })

  it('pins the key at the first sync when it was not known before, and gives out pinned capsules', async () => {
    const vault = await connectVault(ports, { pinned: false })
    const grant = await open(vault)
    expect((await row(vault)).keyFingerprint).toBe(grant.keyFingerprint)
    const fresh = grant.newAuth()
    if (fresh === undefined) throw new Error('no new capsules')
    expect((await open(vault, { capsules: fresh })).newAuth()).toBeUndefined()
  })

  it('changes nothing when another key is pinned: the thief of a deep link cannot sync', async () => {
    for (const pinned of [true, false]) {
      const vault = await connectVault(ports, { pinned })
      await open(vault)
      const before = await row(vault)
      await refused(open(vault, { key: randomBytes(32) }))
      expect(await row(vault)).toEqual(before)
      await open(vault)
    }
  })

  it('refuses a grant that was revoked, is unknown, or is another owner’s', async () => {
    const vault = await connectVault(ports)
    const stranger = await connectVault(ports, { pinned: false })
    const content = { grantSecret: randomBytes(32), generation: 1, tokens: testTokens(1), account: ACCOUNT }
    const forge = (grantId: string) =>
      sealCapsules(ports.ring, { provider: vault.provider, did: vault.did, grantId, content })
    await refused(open(vault, { capsules: forge(stranger.grantId) }))
    await refused(open(vault, { capsules: forge('unknown') }))
    expect((await row(stranger)).keyFingerprint).toBeNull()
    await grants.revoke(store.db, vault.grantId, NOW)
    const before = await row(vault)
    await refused(open(vault))
    expect(await row(vault)).toEqual(before)
  })

  it('opens under a newer node secret and a newer ring key, and gives out fresh capsules for the latter', async () => {
    const [secret, key] = [generateNodeSecret(1), generateKey()]
    const secrets = (text: string) => parseNodeSecrets(new Redacted(text))
    const ring = (text: string): KeyRing => parseKeyRing(new Redacted(text))
    const old = testGrantPorts(store, { journal, secrets: secrets(secret), ring: ring(key) })
    const vault = await connectVault(old)
    const newer = secrets(`${secret},${generateNodeSecret(2)}`)
    expect((await open(vault, { ports: { ...old, secrets: newer } })).newAuth()).toBeUndefined()
    const turned = { ...old, secrets: newer, ring: ring(`${generateKey()},${key}`) }
    const fresh = (await open(vault, { ports: turned })).newAuth()
    if (fresh === undefined) throw new Error('no new capsules')
    expect((await open(vault, { ports: turned, capsules: fresh })).newAuth()).toBeUndefined()
  })
})

describe('refreshing', () => {
  it('happens once for fifty concurrent callers, and all get the same token', async () => {
    const vault = await connectVault(ports)
    const provider = rotatingProvider()
    const grant = await open(vault, { refresh: provider.refresh })
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? grant.refresh() : grant.current())),
    )
    expect(provider.count()).toBe(1)
    // Those that asked for the current token before the first refresh began may have the old one.
    expect(new Set(tokens.map(reveal))).toEqual(new Set(['access 2']))
    expect(grant.liveTokens()).toEqual(['access 1', 'refresh 1', 'access 2', 'refresh 2'])
  })

  it('comes before the use of a token that is about to end, once for all who ask', async () => {
    const vault = await connectVault(ports, { tokens: testTokens(1, { expiresAtMs: NOW + 59_999 }) })
    const provider = rotatingProvider()
    const grant = await open(vault, { refresh: provider.refresh })
    const tokens = await Promise.all(Array.from({ length: 50 }, () => grant.current()))
    expect(new Set(tokens.map(reveal))).toEqual(new Set(['access 2']))
    expect(provider.count()).toBe(1)
  })

  it.each([
    ['has a minute left', testTokens(1, { expiresAtMs: NOW + 60_000 })],
    ['has no known end', { accessToken: new Redacted('access 1'), refreshToken: new Redacted('refresh 1') }],
    ['ends without a refresh token', { accessToken: new Redacted('access 1'), expiresAtMs: NOW - 1 }],
  ])('does not happen by itself for a token that %s', async (_name, tokens) => {
    const grant = await open(await connectVault(ports, { tokens }))
    expect(reveal(await grant.current())).toBe('access 1')
  })

  it('is durable in journal and store before its token is given out', async () => {
    const vault = await connectVault(ports)
    const seen: unknown[] = []
    const watched: TokenJournal = {
      ...journal,
      async put(grantId, entry) {
        seen.push(accessOf(grant), (await row(vault)).generation)
        await journal.put(grantId, entry)
      },
    }
    const grant: OpenGrant = await open(vault, {
      refresh: rotatingProvider().refresh,
      ports: { ...ports, journal: watched },
    })
    await grant.refresh()
    expect(seen).toEqual(['access 1', 1])
    expect(await journal.get(vault.grantId)).toMatchObject({ generation: 2 })
    expect(await row(vault)).toMatchObject({
      generation: 2,
      tokensSealed: (await journal.get(vault.grantId))?.tokensSealed,
    })
  })

  it.each(['PROVIDER_DOWN', 'RATE_LIMITED', 'TOKEN_REVOKED'] as const)(
    'that fails with %s leaves the grant as it was',
    async (code) => {
      const vault = await connectVault(ports)
      const before = await row(vault)
      const provider = rotatingProvider()
      let fails = true
      const refresh = (tokens: Tokens) =>
        fails ? Promise.reject(new NodeError(code)) : provider.refresh(tokens)
      const grant = await open(vault, { refresh })
      await expect(grant.refresh()).rejects.toMatchObject({ code })
      expect(accessOf(grant)).toBe('access 1')
      expect(await row(vault)).toEqual({ ...before, presentedGeneration: 1 })
      fails = false
      expect(reveal(await grant.refresh())).toBe('access 2')
    },
  )

  it('never asks the provider again when the new token could not be stored: the old one is dead', async () => {
    const vault = await connectVault(ports)
    const provider = rotatingProvider()
    let faults = 2
    const failing: TokenJournal = {
      ...journal,
      put: (grantId, entry) =>
        faults-- > 0 ? Promise.reject(new NodeError('DISK_FULL')) : journal.put(grantId, entry),
    }
    const grant = await open(vault, { refresh: provider.refresh, ports: { ...ports, journal: failing } })
    await expect(grant.refresh()).rejects.toMatchObject({ code: 'DISK_FULL' })
    await expect(grant.refresh()).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(accessOf(grant)).toBe('access 1')
    expect(grant.liveTokens()).toContain('access 2')
    expect(reveal(await grant.refresh())).toBe('access 2')
    expect(provider.count()).toBe(1)
    expect((await row(vault)).generation).toBe(2)
  })

  it('takes a store whose answer was lost for stored', async () => {
    const vault = await connectVault(ports)
    const stored: TokenJournal = {
      ...journal,
      async put(grantId, entry) {
        await journal.put(grantId, entry)
        await grants.advance(store.db, grantId, 1, entry.tokensSealed)
      },
    }
    const grant = await open(vault, {
      refresh: rotatingProvider().refresh,
      ports: { ...ports, journal: stored },
    })
    expect(reveal(await grant.refresh())).toBe('access 2')
    expect((await row(vault)).generation).toBe(2)
  })

  it('of a grant that was revoked meanwhile gives out nothing and keeps nothing', async () => {
    const vault = await connectVault(ports)
    const grant = await open(vault, { refresh: rotatingProvider().refresh })
    await grants.revoke(store.db, vault.grantId, NOW)
    await refused(grant.refresh())
    expect(accessOf(grant)).toBe('access 1')
    expect((await row(vault)).tokensSealed).toBeNull()
    expect(await journal.get(vault.grantId)).toBeUndefined()
  })

  it('that was overtaken by another run does not replace its tokens', async () => {
    const vault = await connectVault(ports)
    const [one, other] = [
      await open(vault, { refresh: rotatingProvider().refresh }),
      await open(vault, { refresh: async () => testTokens(9) }),
    ]
    await one.refresh()
    await refused(other.refresh())
    expect(accessOf(await open(vault))).toBe('access 2')
  })
})

describe('the newest tokens', () => {
  it('are found by any generation of the capsules, and handed over as both capsules', async () => {
    const vault = await connectVault(ports)
    const first = await open(vault, { refresh: rotatingProvider().refresh })
    await first.refresh()
    await first.refresh()
    // The Vault dropped `newAuth`: it comes with its first capsules again, twice.
    for (let times = 0; times < 2; times += 1) {
      const again = await open(vault)
      expect(accessOf(again)).toBe('access 3')
      expect(again.newAuth()).toBeDefined()
    }
    expect((await row(vault)).tokensSealed).not.toBeNull()
  })

  it('are erased here once a capsule that carries them was presented; older capsules open nothing then', async () => {
    const vault = await connectVault(ports)
    const first = await open(vault, { refresh: rotatingProvider().refresh })
    await first.refresh()
    const fresh = first.newAuth()
    if (fresh === undefined) throw new Error('no new capsules')
    const second = await open(vault, { capsules: fresh })
    expect(accessOf(second)).toBe('access 2')
    expect(second.newAuth()).toBeUndefined()
    expect(await row(vault)).toMatchObject({ tokensSealed: null, presentedGeneration: 2 })
    expect(await journal.get(vault.grantId)).toBeUndefined()
    const before = await row(vault)
    await refused(open(vault))
    expect(await row(vault)).toEqual(before)
  })

  it('are those of the journal after a crash between journal and store', async () => {
    const vault = await connectVault(ports)
    const crashing: TokenJournal = {
      ...journal,
      async put(grantId, entry) {
        await journal.put(grantId, entry)
        throw new Error('the process ends here')
      },
    }
    const provider = rotatingProvider()
    const dying = await open(vault, { refresh: provider.refresh, ports: { ...ports, journal: crashing } })
    await expect(dying.refresh()).rejects.toThrow('ends here')
    expect((await row(vault)).generation).toBe(1)
    const next = await open(vault, { refresh: provider.refresh })
    expect(accessOf(next)).toBe('access 2')
    expect(await row(vault)).toMatchObject({ generation: 2 })
    expect(reveal(await next.refresh())).toBe('access 3')
    expect(provider.count()).toBe(2)
  })

  it('are those of the journal when the store lost several commits', async () => {
    const vault = await connectVault(ports)
    const provider = rotatingProvider()
    await forgotten(vault, async () => {
      const grant = await open(vault, { refresh: provider.refresh })
      for (let times = 0; times < 3; times += 1) await grant.refresh()
    })
    expect((await row(vault)).generation).toBe(1)
    const next = await open(vault, { refresh: provider.refresh })
    expect(accessOf(next)).toBe('access 4')
    expect((await row(vault)).generation).toBe(4)
    expect(reveal(await next.refresh())).toBe('access 5')
  })

  it('are those of a capsule that is newer than a restored backup', async () => {
    const vault = await connectVault(ports)
    const provider = rotatingProvider()
    let fresh: CapsulePair | undefined
    await forgotten(vault, async () => {
      const grant = await open(vault, { refresh: provider.refresh })
      await grant.refresh()
      fresh = grant.newAuth()
    })
    await journal.remove(vault.grantId)
    if (fresh === undefined) throw new Error('no new capsules')
    const next = await open(vault, { capsules: fresh, refresh: provider.refresh })
    expect(accessOf(next)).toBe('access 2')
    expect((await row(vault)).generation).toBe(2)
    expect(reveal(await next.refresh())).toBe('access 3')
    // The first capsules name tokens that the backup held, and that were replaced since.
    await open(vault, { capsules: next.newAuth() ?? fresh })
    await refused(open(vault))
  })

  const large = (generation: number): Tokens =>
    testTokens(generation, { refreshToken: new Redacted(`refresh ${generation} ${'x'.repeat(5_000)}`) })

  it('stay here when they are too large for capsules', async () => {
    const vault = await connectVault(ports, { tokens: large(1) })
    const grant = await open(vault, { refresh: async () => large(2) })
    expect(accessOf(grant)).toBe('access 1')
    await grant.refresh()
    const fresh = grant.newAuth()
    expect(fresh?.kind).toBe('reference')
    for (const capsules of [vault.capsules, fresh ?? vault.capsules])
      expect(accessOf(await open(vault, { capsules }))).toBe('access 2')
    expect((await row(vault)).tokensSealed).not.toBeNull()
  })

  it('that are too large for capsules outlive a store that lost its commits', async () => {
    const vault = await connectVault(ports, { tokens: large(1) })
    let fresh: CapsulePair | undefined
    await forgotten(vault, async () => {
      const grant = await open(vault, { refresh: async () => large(2) })
      await grant.refresh()
      fresh = grant.newAuth()
      await open(vault, { capsules: fresh ?? vault.capsules })
    })
    for (const capsules of [fresh ?? vault.capsules, vault.capsules])
      expect(accessOf(await open(vault, { capsules }))).toBe('access 2')
  })

  it('are lost, and never replaced by old ones, when only a restored backup holds tokens', async () => {
    const vault = await connectVault(ports, { tokens: large(1) })
    let fresh: CapsulePair | undefined
    await forgotten(vault, async () => {
      const grant = await open(vault, { refresh: async () => large(2) })
      await grant.refresh()
      fresh = grant.newAuth()
    })
    await journal.remove(vault.grantId)
    await refused(open(vault, { capsules: fresh ?? vault.capsules }))
  })
})
