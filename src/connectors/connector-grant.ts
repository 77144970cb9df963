/** A connector's credentials in use: its account, its access token, and a refresh when the provider refuses it. Every opening is in the audit log. */
import { secretsOf } from '../credentials/live-secrets.js'
import { isRenewable } from '../credentials/token-refresh.js'
import { NodeError, toNodeError } from '../errors.js'
import type { Redacted } from '../lib/redacted.js'
import type { TokenSource } from '../outbound/index.js'
import { usableProvider, type Account, type Tokens } from '../provider/index.js'
import { connectorCredentials, type Connector } from '../store/index.js'
import { audit } from './audit.js'
import { markReconnectNeeded } from './connector-status.js'
import type { ConnectorGrantPorts } from './ports.js'
import { openAccount } from './sealed-credentials.js'
import { readIn, tokenKeeper, type KeptTokens } from './token-keeper.js'

export interface ConnectorGrant extends TokenSource {
  readonly account: Account
  tokens(): Tokens
  /** Everything that must not appear in raw data. */
  liveTokens(): readonly string[]
}

/** Who opens the credentials, and what for. */
export interface GrantUse {
  readonly actor: string
  readonly purpose:
    'browse' | 'read' | 'sync' | 'test' | 'preview' | 'probe' | 'renewal' | 'revoke' | 'webhook'
}

/** A token with less time left than this is refreshed before it is used. */
const REFRESH_BEFORE_MS = 60_000

/**
 * @throws NodeError TOKEN_REVOKED: there are no credentials; SEAL_FAILED: they do not open here; PROVIDER_NOT_CONFIGURED
 */
export async function openConnectorGrant(
  ports: ConnectorGrantPorts,
  connector: Connector,
  { actor, purpose }: GrantUse = { actor: 'node', purpose: 'sync' },
): Promise<ConnectorGrant> {
  const { store, ring, catalog, clock } = ports
  const { id, tenant } = connector
  const use = usableProvider(catalog, connector.type, connector.authKind)
  const opened = await store.tenant(tenant, async (tx) => {
    const kept = await readIn(tx, ports, { tenant, id })
    const account = await connectorCredentials.get(tx, id, 'account')
    if (account === undefined) throw new NodeError('TOKEN_REVOKED', { detail: 'there is no account' })
    await audit(tx, {
      tenant,
      actor,
      action: 'credentials.used',
      connectorId: id,
      facts: { purpose },
      nowMs: clock.now(),
    })
    return { kept, account: openAccount(ring, { tenant, id }, account.sealed) }
  })
  const keeper = tokenKeeper(ports, use, { tenant, id, actor })
  const used = new Set<string>()
  let kept = remember(opened.kept)
  let refreshing: Promise<Redacted> | undefined

  function remember(newest: KeptTokens): KeptTokens {
    for (const secret of secretsOf(newest.tokens)) used.add(secret)
    return newest
  }

  async function refreshOnce(): Promise<Redacted> {
    try {
      kept = remember(await keeper.newerThan(kept.generation))
      return kept.tokens.accessToken
    } catch (error) {
      if (toNodeError(error).code === 'TOKEN_REVOKED') await markReconnectNeeded(ports, connector)
      throw error
    }
  }

  const refresh = (): Promise<Redacted> => {
    refreshing ??= refreshOnce().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return {
    account: opened.account,
    tokens: () => kept.tokens,
    liveTokens: () => [...used],
    refresh,
    async current() {
      if (refreshing !== undefined) return refreshing
      const { accessToken, expiresAtMs } = kept.tokens
      const isEnding = expiresAtMs !== undefined && expiresAtMs - clock.now() < REFRESH_BEFORE_MS
      return isEnding && isRenewable(use, kept.tokens) ? refresh() : accessToken
    },
  }
}
