/** The test of a connection: whose account do these credentials open. Nothing is kept of it, and no credential is ever in its result. */
import { readAccount, startPatience } from '../connect/index.js'
import { NodeError, toNodeError, type ErrorCode } from '../errors.js'
import { createProviderHttp } from '../outbound/index.js'
import { usableProvider, type Account, type Tokens, type UsableProvider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import { authOf, typeOf } from './check-request.js'
import { openConnectorGrant, type GrantUse } from './connector-grant.js'
import { readCredentials } from './credential-form.js'
import { invalid } from './invalid.js'
import type { ConnectorGrantPorts } from './ports.js'

/** What of an account is shown. */
export interface AccountView {
  readonly id: string
  readonly name: string
  readonly username?: string
}

export type TestResult =
  | { readonly success: true; readonly account: AccountView }
  | {
      readonly success: false
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly retryAfterMs?: number }
    }

export interface TestConfig {
  readonly type: string
  readonly config: unknown
}

/** @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED */
export function testConfig(ports: ConnectorGrantPorts, { type, config }: TestConfig): Promise<TestResult> {
  const use = typeOf(ports.catalog, type)
  const tokens = readCredentials(authOf(use.provider), config, ports.clock.now())
  return asResult(() => accountOf(ports, use, tokens))
}

/** @throws NodeError REQUEST_INVALID when the provider refuses them; PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function testedAccount(
  ports: ConnectorGrantPorts,
  use: UsableProvider,
  tokens: Tokens,
): Promise<Account> {
  try {
    return await accountOf(ports, use, tokens)
  } catch (error) {
    const { code } = toNodeError(error)
    if (code === 'TOKEN_REVOKED') throw invalid('config.access_token', 'is not accepted by the provider')
    if (code === 'SCOPE_MISSING') throw invalid('config.access_token', 'lacks a permission that is needed')
    throw error
  }
}

async function accountOf(ports: ConnectorGrantPorts, use: UsableProvider, tokens: Tokens): Promise<Account> {
  const patience = startPatience()
  try {
    return await readAccount(ports, use, tokens, patience.signal)
  } finally {
    patience.end()
  }
}

/** Of credentials that are kept: the account that they open now. @throws NodeError SEAL_FAILED, PROVIDER_NOT_CONFIGURED */
export function testConnector(
  ports: ConnectorGrantPorts,
  connector: Connector,
  use: GrantUse,
): Promise<TestResult> {
  const { provider, settings } = usableProvider(ports.catalog, connector.type)
  return asResult(async () => {
    const tokenSource = await openConnectorGrant(ports, connector, use)
    const { clock, log, outbound } = ports
    const patience = startPatience()
    try {
      const http = createProviderHttp({
        provider,
        settings,
        tokenSource,
        clock,
        log,
        connectionId: connector.connectionId,
        signal: patience.signal,
        ...outbound,
      })
      return sameAccount(tokenSource.account, await provider.account(http, { settings }))
    } finally {
      patience.end()
    }
  })
}

function sameAccount(kept: Account, seen: Account): Account {
  if (seen.id === kept.id) return seen
  throw new NodeError('TOKEN_REVOKED', { detail: 'the credentials open another account' })
}

async function asResult(read: () => Promise<Account>): Promise<TestResult> {
  try {
    const { id, name, username } = await read()
    return { success: true, account: { id, name, ...(username !== undefined && { username }) } }
  } catch (error) {
    const { code, fate, publicMessage, retryAfterMs } = toNodeError(error)
    // Only what the provider or the credentials are to blame for is a result; the rest is this node's.
    if (fate !== 'reconnect' && fate !== 'retry' && code !== 'PROVIDER_CHANGED') throw error
    if (code === 'STORE_UNAVAILABLE' || code === 'WRITE_CONFLICT') throw error
    return {
      success: false,
      error: { code, message: publicMessage, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    }
  }
}
