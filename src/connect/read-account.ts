/** Reads whose account fresh tokens open. Also the test of a connection: an account that cannot be read is not connected. */
import { NodeError } from '../errors.js'
import { createProviderHttp } from '../outbound/index.js'
import { NO_FIELDS, type Account, type Tokens, type UsableProvider } from '../provider/index.js'
import type { ConnectPorts } from './ports.js'

/** @throws NodeError TOKEN_REVOKED, SCOPE_MISSING, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export function readAccount(
  { clock, log, outbound }: Pick<ConnectPorts, 'clock' | 'log' | 'outbound'>,
  { provider, settings }: UsableProvider,
  tokens: Tokens,
  signal: AbortSignal,
): Promise<Account> {
  const tokenSource = {
    current: () => Promise.resolve(tokens.accessToken),
    refresh: () => Promise.reject(new NodeError('TOKEN_REVOKED', { detail: 'a fresh token was refused' })),
    tokens: () => tokens,
  }
  const http = createProviderHttp({ provider, settings, tokenSource, clock, log, signal, ...outbound })
  return provider.account(http, { settings, fields: tokens.fields ?? NO_FIELDS })
}
