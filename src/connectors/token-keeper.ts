/**
 * The tokens of a connector, one refresh at a time over all processes: a refresh token that is sent twice may end the
 * whole grant. New tokens are durable before their first use, and those that could not be stored are never asked for again.
 */
import { refreshTokens } from '../credentials/token-refresh.js'
import { NodeError, toNodeError } from '../errors.js'
import { reveal } from '../lib/redacted.js'
import type { Tokens, UsableProvider } from '../provider/index.js'
import { connectorCredentials, type ScopedTx, type Store } from '../store/index.js'
import { audit } from './audit.js'
import type { ConnectorGrantPorts } from './ports.js'
import { openTokens, sealTokens, type CredentialPlace } from './sealed-credentials.js'

export interface KeptTokens {
  readonly tokens: Tokens
  /** Counts writes. */
  readonly generation: number
}

export interface TokenKeeper {
  /** @throws NodeError TOKEN_REVOKED: there are none */
  read(): Promise<KeptTokens>
  /**
   * Tokens newer than those of a generation: what another has refreshed meanwhile, or the provider's answer.
   * @throws NodeError TOKEN_REVOKED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
   */
  newerThan(generation: number): Promise<KeptTokens>
}

/** What this process does for each connector of a store. */
interface Underway {
  readonly refreshes: Map<string, Promise<KeptTokens>>
  /** Refreshed, and not stored yet. */
  readonly unstored: Map<string, { readonly spent: Tokens; readonly fresh: Tokens }>
}

const underwayOf = new WeakMap<Store, Underway>()

function underwayIn(store: Store): Underway {
  const known = underwayOf.get(store) ?? { refreshes: new Map(), unstored: new Map() }
  underwayOf.set(store, known)
  return known
}

export interface KeptBy extends CredentialPlace {
  /** For the audit log. */
  readonly actor: string
}

export function tokenKeeper(ports: ConnectorGrantPorts, use: UsableProvider, kept: KeptBy): TokenKeeper {
  const { store } = ports
  const { refreshes, unstored } = underwayIn(store)
  return {
    read: () => store.tenant(kept.tenant, (tx) => readIn(tx, ports, kept)),
    async newerThan(generation) {
      // One that began before those tokens were read may end with them.
      for (let joined = refreshes.get(kept.id); joined !== undefined; joined = refreshes.get(kept.id)) {
        const newest = await joined
        if (newest.generation > generation) return newest
      }
      const refresh = renew(ports, use, kept, generation).finally(() => refreshes.delete(kept.id))
      refreshes.set(kept.id, refresh)
      const newest = await refresh
      unstored.delete(kept.id)
      return newest
    },
  }
}

/** The newest of what the store keeps and what the journal kept through a power loss. */
export async function readIn(
  tx: ScopedTx,
  { ring, journal, clock }: ConnectorGrantPorts,
  place: CredentialPlace,
): Promise<KeptTokens> {
  const row = await connectorCredentials.get(tx, place.id, 'tokens')
  if (row === undefined) throw new NodeError('TOKEN_REVOKED', { detail: 'there are no credentials' })
  const entry = await journal.get(place.id)
  if (entry === undefined || entry.generation <= row.generation)
    return { tokens: openTokens(ring, place, row.sealed), generation: row.generation }
  let { generation } = row
  const newest = { ...rowOf(place, entry.tokensSealed), nowMs: clock.now() }
  while (generation < entry.generation)
    generation = (await connectorCredentials.put(tx, newest, generation)) ?? entry.generation
  return { tokens: openTokens(ring, place, entry.tokensSealed), generation }
}

/**
 * On a server the row is locked for as long as the provider is asked, so that another process waits and then reads what
 * came of it. The embedded database has one connection and one process: there the joined call is enough.
 */
async function renew(
  ports: ConnectorGrantPorts,
  use: UsableProvider,
  kept: KeptBy,
  seen: number,
): Promise<KeptTokens> {
  const { store } = ports
  const inTenant = <T>(work: (tx: ScopedTx) => Promise<T>): Promise<T> => store.tenant(kept.tenant, work)
  if (store.dialect === 'postgres')
    return inTenant(async (tx) => {
      await connectorCredentials.lock(tx, kept.id)
      const current = await readIn(tx, ports, kept)
      if (current.generation > seen) return current
      return keepIn(tx, ports, kept, current, await refreshed(ports, use, kept, current))
    })
  const current = await inTenant((tx) => readIn(tx, ports, kept))
  if (current.generation > seen) return current
  try {
    const fresh = await refreshed(ports, use, kept, current)
    return await inTenant((tx) => keepIn(tx, ports, kept, current, fresh))
  } catch (error) {
    // Somebody connected the account anew meanwhile: those tokens count.
    if (toNodeError(error).code !== 'TOKEN_REVOKED') throw error
    const newest = await inTenant((tx) => readIn(tx, ports, kept))
    if (newest.generation > current.generation) return newest
    throw error
  }
}

/** What could not be stored the last time is not asked for again: its predecessor is spent. */
async function refreshed(
  ports: ConnectorGrantPorts,
  use: UsableProvider,
  { id }: KeptBy,
  { tokens: spent }: KeptTokens,
): Promise<Tokens> {
  const { clock, log, outbound, store } = ports
  const { unstored } = underwayIn(store)
  const known = unstored.get(id)
  if (known !== undefined && isSame(known.spent, spent)) return known.fresh
  const fresh = await refreshTokens({ ...outbound, clock, log }, use, spent)
  unstored.set(id, { spent, fresh })
  return fresh
}

const isSame = (a: Tokens, b: Tokens): boolean => reveal(a.accessToken) === reveal(b.accessToken)

/** @throws NodeError TOKEN_REVOKED when the row holds other tokens by now than those that were spent */
async function keepIn(
  tx: ScopedTx,
  ports: ConnectorGrantPorts,
  kept: KeptBy,
  spent: KeptTokens,
  fresh: Tokens,
): Promise<KeptTokens> {
  const { ring, journal, clock, store } = ports
  const nowMs = clock.now()
  const tokensSealed = sealTokens(ring, kept, fresh)
  for (let base = spent; ;) {
    await journal.put(kept.id, { generation: base.generation + 1, tokensSealed })
    const row = { ...rowOf(kept, tokensSealed), nowMs }
    const generation = await connectorCredentials.put(tx, row, base.generation)
    if (generation !== undefined) {
      const { tenant, id, actor } = kept
      await audit(tx, { tenant, actor, action: 'credentials.refreshed', connectorId: id, nowMs })
      return { tokens: fresh, generation }
    }
    await journal.remove(kept.id)
    const current = await readIn(tx, ports, kept)
    // The same tokens in a newer row were only sealed again, under another key.
    if (!isSame(current.tokens, spent.tokens)) {
      underwayIn(store).unstored.delete(kept.id)
      throw new NodeError('TOKEN_REVOKED', { detail: 'the connector was connected anew meanwhile' })
    }
    base = current
  }
}

function rowOf({ tenant, id }: CredentialPlace, sealed: string) {
  return { connectorId: id, tenant, field: 'tokens', sealed }
}
