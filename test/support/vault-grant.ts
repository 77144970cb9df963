/** A Vault's grant with real keys, store and journal, as the connect leg leaves it; for tests of what uses grants. */
import { randomBytes, randomUUID } from 'node:crypto'
import { sealCapsules, type CapsulePair } from '../../src/credentials/capsule.js'
import { sealGrantTokens } from '../../src/credentials/grant-tokens.js'
import { keyFingerprint } from '../../src/credentials/key-fingerprint.js'
import { generateKey, parseKeyRing } from '../../src/credentials/key-ring.js'
import { generateNodeSecret, parseNodeSecrets } from '../../src/credentials/node-secrets.js'
import type { GrantPorts } from '../../src/credentials/open-grant.js'
import { noJournal } from '../../src/credentials/token-journal.js'
import type { Did } from '../../src/lib/did.js'
import { Redacted } from '../../src/lib/redacted.js'
import type { Tokens } from '../../src/provider/index.js'
import { grants, type Store } from '../../src/store/index.js'
import { NOW } from './store-rows.js'

export const ACCOUNT = { id: 'account-1', name: 'Ada' }

export function testGrantPorts(store: Store, facts: Partial<GrantPorts> = {}): GrantPorts {
  return {
    store,
    ring: parseKeyRing(new Redacted(generateKey())),
    secrets: parseNodeSecrets(new Redacted(generateNodeSecret())),
    journal: noJournal,
    clock: { now: () => NOW },
    ...facts,
  }
}

/** `access 1` and `refresh 1`, good for an hour, by their generation. */
export function testTokens(generation: number, facts: Partial<Tokens> = {}): Tokens {
  return {
    accessToken: new Redacted(`access ${generation}`),
    refreshToken: new Redacted(`refresh ${generation}`),
    expiresAtMs: NOW + 3_600_000,
    ...facts,
  }
}

export interface ConnectedVault {
  readonly provider: string
  readonly did: Did
  readonly key: Buffer
  readonly grantId: string
  readonly capsules: CapsulePair
}

export interface ConnectFacts {
  readonly tokens?: Tokens
  /** The Vault gave its key at `/connect` already. Default: true. */
  readonly pinned?: boolean
}

/** What `/connect` does once it has tokens. */
export async function connectVault(ports: GrantPorts, facts: ConnectFacts = {}): Promise<ConnectedVault> {
  const { tokens = testTokens(grants.FIRST_GENERATION), pinned = true } = facts
  const { ring, secrets, store, clock } = ports
  const [provider, grantId, key] = ['sandbox', randomUUID(), randomBytes(32)]
  const did = `did:vda:testnet:0x${randomBytes(20).toString('hex')}` as Did
  const nodeSecret = secrets.secret(secrets.current)
  const fingerprint = pinned ? keyFingerprint(nodeSecret, key) : undefined
  const content = {
    grantSecret: randomBytes(32),
    generation: grants.FIRST_GENERATION,
    tokens,
    account: ACCOUNT,
  }
  const capsules = sealCapsules(ring, {
    provider,
    did,
    grantId,
    content,
    ...(fingerprint === undefined ? {} : { fingerprint }),
  })
  await grants.create(store.db, {
    id: grantId,
    provider,
    did,
    accountHash: 'account hash',
    keyFingerprint: fingerprint ?? null,
    ...(capsules.kind === 'reference'
      ? { tokensSealed: sealGrantTokens({ nodeSecret, grantId }, content) }
      : {}),
    nowMs: clock.now(),
  })
  return { provider, did, key, grantId, capsules }
}
