/**
 * A Vault's grant in use: opens its capsules, finds the newest tokens, and keeps a refreshed token durable before its
 * first use (protocol.md 4). Tokens live in memory only for as long as this value does.
 */
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { Redacted } from '../lib/redacted.js'
import type { Account, Tokens } from '../provider/index.js'
import { grants, type Store } from '../store/index.js'
import {
  openCapsules,
  sealCapsules,
  type CapsulePair,
  type Capsules,
  type OpenedCapsules,
} from './capsule.js'
import { sealGrantTokens } from './grant-tokens.js'
import { keyFingerprint } from './key-fingerprint.js'
import type { KeyRing } from './key-ring.js'
import { newestTokens, type NewestTokens } from './newest-tokens.js'
import { secretsOf } from './live-secrets.js'
import type { NodeSecrets } from './node-secrets.js'
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
  /** Whether newer tokens can be had for these without a person. */
  readonly isRenewable: (tokens: Tokens) => boolean
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

interface GrantState {
  readonly opened: OpenedCapsules
  readonly fingerprint: string
  readonly newest: NewestTokens
  readonly behind: boolean
}

/** Refreshed tokens that are not durable yet. */
interface Unstored extends JournalEntry {
  readonly tokens: Tokens
}

function createOpenGrant(ports: GrantPorts, request: GrantRequest, state: GrantState): OpenGrant {
  const { grantId, content } = state.opened
  const { account } = state.newest
  const used = new Set<string>()
  let newest = state.newest
  let behind = state.behind
  let refreshing: Promise<Redacted> | undefined
  let unstored: Unstored | undefined
  remember(newest.tokens)

  function remember(tokens: Tokens): void {
    for (const secret of secretsOf(tokens)) used.add(secret)
  }

  async function refreshOnce(): Promise<Redacted> {
    // What could not be stored the last time is stored now: its predecessor must never be sent again.
    unstored ??= seal(await request.refresh(newest.tokens))
    const { tokens, generation, tokensSealed } = unstored
    await ports.journal.put(grantId, { generation, tokensSealed })
    if (!(await isAdvanced(newest.generation, tokensSealed))) {
      await ports.journal.remove(grantId)
      throw new NodeError('TOKEN_REVOKED', { detail: 'the grant moved on or was revoked meanwhile' })
    }
    newest = { tokens, account, generation }
    unstored = undefined
    behind = true
    return tokens.accessToken
  }

  function seal(tokens: Tokens): Unstored {
    remember(tokens)
    const generation = newest.generation + 1
    const { grantSecret } = content
    const place = { nodeSecret: ports.secrets.secret(ports.secrets.current), grantId }
    const tokensSealed = sealGrantTokens(place, { grantSecret, generation, tokens, account })
    return { tokens, generation, tokensSealed }
  }

  /** Also when an earlier try was stored and its answer was lost. */
  async function isAdvanced(from: number, tokensSealed: string): Promise<boolean> {
    const { db } = ports.store
    if ((await grants.advance(db, grantId, from, tokensSealed)) !== undefined) return true
    return (await grants.get(db, grantId))?.tokensSealed === tokensSealed
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
      const { accessToken, expiresAtMs } = newest.tokens
      const isEnding = expiresAtMs !== undefined && expiresAtMs - ports.clock.now() < REFRESH_BEFORE_MS
      return isEnding && request.isRenewable(newest.tokens) ? refresh() : accessToken
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
