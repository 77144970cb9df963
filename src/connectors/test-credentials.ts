/** The test of a connection: whose account do these credentials open. Nothing is kept of it, and no credential is ever in its result. */
import { readAccount, startPatience } from '../connect/index.js'
import { askedScopes } from '../credentials/asked-scopes.js'
import { secretFieldOf } from '../credentials/field-form.js'
import { openTokens } from '../credentials/open-tokens.js'
import { NodeError, toNodeError, type ErrorCode } from '../errors.js'
import { createProviderHttp } from '../outbound/index.js'
import { NO_FIELDS, usableProvider, type Account, type Auth, type UsableProvider } from '../provider/index.js'
import type { Connector } from '../store/index.js'
import type { UsageMeter } from '../sync/index.js'
import { authOf, typeOf } from './check-request.js'
import { openConnectorGrant, type GrantUse } from './connector-grant.js'
import { countUsage } from './count-usage.js'
import { readCredentials } from './credential-form.js'
import { invalid, invalidFields } from './invalid.js'
import type { ConnectorGrantPorts } from './ports.js'
import type { TestedCredentials } from './save-credentials.js'

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
  /** Default: the preferred way. */
  readonly authKind?: string | undefined
  readonly config: unknown
}

/** What an application sent to connect an account. */
export interface GivenCredentials {
  readonly use: UsableProvider
  readonly auth: Auth
  readonly config: unknown
  /** Of the connector. `null`: all. */
  readonly streams: readonly string[] | null
}

/** @throws NodeError REQUEST_INVALID, PROVIDER_NOT_CONFIGURED */
export function testConfig(
  ports: ConnectorGrantPorts,
  { type, authKind, config }: TestConfig,
): Promise<TestResult> {
  const use = typeOf(ports.catalog, type, authKind)
  const auth = authOf(use.provider, authKind)
  const open = opener(ports, { use, auth, config, streams: null })
  return asResult(async () => (await open()).account)
}

/** @throws NodeError REQUEST_INVALID when the provider refuses them; PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function testedCredentials(
  ports: ConnectorGrantPorts,
  given: GivenCredentials,
): Promise<TestedCredentials> {
  const open = opener(ports, given)
  try {
    return await open()
  } catch (error) {
    const { code } = toNodeError(error)
    const path = secretPathOf(given.auth)
    if (code === 'TOKEN_REVOKED') throw invalid(path, 'is not accepted by the provider')
    if (code === 'SCOPE_MISSING') throw invalid(path, 'lacks a permission that is needed')
    throw error
  }
}

/** What a refusal of credentials is told of. */
export function secretPathOf(auth: Auth): string {
  const field = auth.kind === 'oauth2' ? 'access_token' : secretFieldOf(auth)
  return field === undefined ? 'config' : `config.${field}`
}

/** Reads what was given at once, and opens the account when it is called. */
function opener(
  ports: ConnectorGrantPorts,
  { use, auth, config, streams }: GivenCredentials,
): () => Promise<TestedCredentials> {
  const { clock, log, outbound } = ports
  const given = readCredentials(config, { auth, settings: use.settings, nowMs: clock.now() })
  return async () => {
    const patience = startPatience()
    try {
      const { signal } = patience
      const scopes = askedScopes(use.provider, auth, { streams, browse: true })
      const tokens =
        given.kind === 'tokens'
          ? given.tokens
          : await openTokens({ ...outbound, clock, log, signal }, use, { auth, fields: given.fields, scopes })
      return { tokens, account: await readAccount(ports, use, tokens, signal) }
    } catch (error) {
      throw belowConfig(error)
    } finally {
      patience.end()
    }
  }
}

/** What the provider has nothing of, such as a table, is told by the path of its field. */
function belowConfig(error: unknown): unknown {
  if (!(error instanceof NodeError) || error.code !== 'REQUEST_INVALID') return error
  return invalidFields((error.fields ?? []).map(({ path, message }) => ({ path: `config.${path}`, message })))
}

/** Of credentials that are kept: the account that they open now. @throws NodeError SEAL_FAILED, PROVIDER_NOT_CONFIGURED */
export function testConnector(
  ports: ConnectorGrantPorts,
  connector: Connector,
  use: GrantUse,
): Promise<TestResult> {
  const { provider, settings } = usableProvider(ports.catalog, connector.type, connector.authKind)
  const test = (meter: UsageMeter): Promise<TestResult> =>
    asResult(async () => {
      const tokenSource = await openConnectorGrant(ports, connector, use)
      const { clock, log, outbound } = ports
      const patience = startPatience()
      try {
        const http = meter.http(
          createProviderHttp({
            provider,
            settings,
            tokenSource,
            clock,
            log,
            connectionId: connector.connectionId,
            signal: patience.signal,
            ...outbound,
          }),
        )
        return sameAccount(
          tokenSource.account,
          await provider.account(http, { settings, fields: tokenSource.tokens().fields ?? NO_FIELDS }),
        )
      } catch (error) {
        throw belowConfig(error)
      } finally {
        patience.end()
      }
    })
  return countUsage(ports, connector, test, ({ success }) => !success)
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
