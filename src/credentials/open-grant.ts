/**
 * A Vault's grant in use: opens its capsules, finds the newest tokens, and keeps a refreshed token durable before its
 * first use (protocol.md 4). Tokens live in memory only for as long as this value does.
 */
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import type { Account, Tokens } from '../provider/index.js'
import { grants, type Grant, type Store } from '../store/index.js'
import {
  openCapsules,
  sealCapsules,
  type CapsulePair,
  type Capsules,
  type OpenedCapsules,
} from './capsule.js'
import { openGrantTokens, sealGrantTokens } from './grant-tokens.js'
import { keyFingerprint } from './key-fingerprint.js'
import type { KeyRing } from './key-ring.js'
import type { NodeSecrets } from './node-secrets.js'
import type { GrantContent } from './capsule-content.js'
import type { JournalEntry, TokenJournal } from './token-journal.js'

export interface GrantPorts {
  readonly store: Store
  readonly ring: KeyRing
  readonly secrets: NodeSecrets
  readonly journal: TokenJournal
  readonly clock: Clock
}

export interface GrantRequest {
  readonly provider: string
  readonly did: Did
  readonly key: Bytes
  readonly capsules: CapsulePair
  /** Asks the provider for new tokens. @throws NodeError TOKEN_REVOKED, PROVIDER_DOWN, RATE_LIMITED */
  readonly refresh: (tokens: Tokens) => Promise<Tokens>
}

export interface OpenGrant {
  readonly grantId: string
  readonly account: Account
  readonly keyFingerprint: string
  readonly tokens: () => Tokens
  /** The access token, refreshed first when it is about to end. */
  current(): Promise<Redacted>
  /** A new access token, after the provider refused the last one. Concurrent calls make one refresh. */
  refresh(): Promise<Redacted>
  /** Fresh capsules when the Vault's are behind: always both. */
  newAuth(): Capsules | undefined
  /** Everything that must not appear in raw data. */
  liveTokens(): readonly string[]
}

/** A token with less time left than this is refreshed before it is used. */
const REFRESH_BEFORE_MS = 60_000

/** @throws NodeError TOKEN_REVOKED: forged, foreign, revoked or outdated capsules, all alike; nothing is changed then */
export async function openGrant(ports: GrantPorts, request: GrantRequest): Promise<OpenGrant> {
  const { store, ring, secrets } = ports
  const { provider, did, key } = request
  const fingerprints = secrets.versions.map((version) => keyFingerprint(secrets.secret(version), key))
  const opened = openCapsules(ring, request.capsules, { provider, did, fingerprints })
  const fingerprint = await pinned(ports, opened, fingerprints, { provider, did })
  const presented = await grants.markPresented(store.db, opened.grantId, opened.content.generation, {
    erase: opened.content.tokens !== undefined,
  })
  if (presented === undefined) throw new NodeError('TOKEN_REVOKED', { detail: 'the grant is not known' })
  const newest = await newestTokens(ports, opened, presented)
  const behind =
    newest.generation > opened.content.generation ||
    opened.keyId !== ring.current.id ||
    opened.fingerprint === ''
  return createOpenGrant(ports, request, { opened, fingerprint, newest, behind })
}

async function pinned(
  { store, secrets }: GrantPorts,
  opened: OpenedCapsules,
  fingerprints: readonly string[],
  owner: { readonly provider: string; readonly did: Did },
): Promise<string> {
  const grant = await grants.get(store.db, opened.grantId)
  const isOwners = grant?.did === owner.did && grant.provider === owner.provider && grant.revokedAtMs === null
  if (!isOwners) throw new NodeError('TOKEN_REVOKED', { detail: 'the grant is not known, or was revoked' })
  if (grant.keyFingerprint !== null && fingerprints.includes(grant.keyFingerprint))
    return grant.keyFingerprint
  const fingerprint = fingerprints[secrets.versions.indexOf(secrets.current)] ?? ''
  if (await grants.pinFingerprint(store.db, opened.grantId, fingerprint)) return fingerprint
  throw new NodeError('TOKEN_REVOKED', { detail: 'another key is pinned to this grant' })
}

interface Newest {
  readonly generation: number
  readonly tokens: Tokens
  readonly account: Account
}

/** The newest of: what the capsules carry, what the store keeps, what the journal kept through a power loss. */
async function newestTokens(
  ports: GrantPorts,
  { content, grantId }: OpenedCapsules,
  grant: Grant,
): Promise<Newest> {
  const kept = await keptTokens(ports, grant, content.generation)
  const { tokens, account, generation } = content
  if (kept.generation <= generation && tokens !== undefined && account !== undefined)
    return { tokens, account, generation }
  if (kept.tokensSealed === null) {
    throw new NodeError('TOKEN_REVOKED', { detail: 'newer capsules of this grant were given out and used' })
  }
  const opened = openKept(ports.secrets, content.grantSecret, grantId, kept.tokensSealed)
  if (opened.tokens === undefined || opened.account === undefined)
    throw new NodeError('SEAL_FAILED', { detail: 'no tokens are kept' })
  return { tokens: opened.tokens, account: opened.account, generation: kept.generation }
}

/** What the store keeps; brought up to the journal first when the store lost its last commits. */
async function keptTokens(
  { store, journal }: GrantPorts,
  grant: Grant,
  presented: number,
): Promise<JournalEntry | Grant> {
  const entry = await journal.get(grant.id)
  if (entry === undefined) return grant
  if (entry.generation <= presented) await journal.remove(grant.id)
  for (let generation = grant.generation; generation < entry.generation; generation += 1) {
    await grants.advance(store.db, grant.id, generation, entry.tokensSealed)
  }
  return entry.generation > grant.generation ? entry : grant
}

function openKept(secrets: NodeSecrets, grantSecret: Bytes, grantId: string, sealed: string): GrantContent {
  const failures: unknown[] = []
  for (const version of secrets.versions) {
    try {
      return openGrantTokens({ nodeSecret: secrets.secret(version), grantId }, grantSecret, sealed)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new NodeError('SEAL_FAILED', {
    detail: `the tokens of grant ${grantId} open with no secret of this node`,
    cause: new AggregateError(failures),
  })
}

interface GrantState {
  readonly opened: OpenedCapsules
  readonly fingerprint: string
  readonly newest: Newest
  readonly behind: boolean
}

function createOpenGrant(ports: GrantPorts, request: GrantRequest, state: GrantState): OpenGrant {
  const { grantId, content } = state.opened
  const { account } = state.newest
  const used = new Set<string>()
  let newest = state.newest
  let behind = state.behind
  let refreshing: Promise<Redacted> | undefined
  remember(newest.tokens)

  function remember({ accessToken, refreshToken }: Tokens): void {
    used.add(reveal(accessToken))
    if (refreshToken !== undefined) used.add(reveal(refreshToken))
  }

  async function refreshOnce(): Promise<Redacted> {
    const tokens = await request.refresh(newest.tokens)
    const generation = newest.generation + 1
    const seal = { nodeSecret: ports.secrets.secret(ports.secrets.current), grantId }
    const tokensSealed = sealGrantTokens(seal, {
      grantSecret: content.grantSecret,
      generation,
      tokens,
      account,
    })
    await ports.journal.put(grantId, { generation, tokensSealed })
    const advanced = await grants.advance(ports.store.db, grantId, newest.generation, tokensSealed)
    if (advanced === undefined)
      throw new NodeError('TOKEN_REVOKED', { detail: 'the grant moved on or was revoked meanwhile' })
    newest = { tokens, account, generation }
    behind = true
    remember(tokens)
    return tokens.accessToken
  }

  const refresh = (): Promise<Redacted> => {
    refreshing ??= refreshOnce().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return {
    grantId,
    account,
    keyFingerprint: state.fingerprint,
    tokens: () => newest.tokens,
    refresh,
    async current() {
      if (refreshing !== undefined) return refreshing
      const { accessToken, expiresAtMs, refreshToken } = newest.tokens
      const isEnding = expiresAtMs !== undefined && expiresAtMs - ports.clock.now() < REFRESH_BEFORE_MS
      return isEnding && refreshToken !== undefined ? refresh() : accessToken
    },
    newAuth: () =>
      behind
        ? sealCapsules(ports.ring, {
            provider: request.provider,
            did: request.did,
            grantId,
            fingerprint: state.fingerprint,
            content: {
              grantSecret: content.grantSecret,
              generation: newest.generation,
              tokens: newest.tokens,
              account,
            },
          })
        : undefined,
    liveTokens: () => [...used],
  }
}
