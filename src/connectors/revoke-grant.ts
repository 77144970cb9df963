/** The call that ends a grant at its provider; whoever makes it decides what its failure means. */
import { NodeError } from '../errors.js'
import { createProviderHttp, type TokenSource } from '../outbound/index.js'
import { NO_FIELDS, type Tokens, type UsableProvider } from '../provider/index.js'
import type { ConnectorGrantPorts } from './ports.js'

/** How long the provider is asked. */
const REVOKE_MS = 15_000

export interface GrantSource extends TokenSource {
  tokens(): Tokens
}

/** @throws NodeError CAPABILITY_MISSING with the provider's reason, TOKEN_REVOKED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED */
export async function revokeWith(
  { clock, log, outbound }: ConnectorGrantPorts,
  { provider, settings }: UsableProvider,
  tokenSource: GrantSource,
  { connectionId, signal }: { readonly connectionId: string; readonly signal?: AbortSignal },
): Promise<void> {
  if (typeof provider.revoke !== 'function')
    throw new NodeError('CAPABILITY_MISSING', { detail: provider.revoke.unsupported })
  const late = AbortSignal.timeout(REVOKE_MS)
  const http = createProviderHttp({
    provider,
    settings,
    tokenSource,
    clock,
    log,
    connectionId,
    deadlineAtMs: clock.now() + REVOKE_MS,
    signal: signal === undefined ? late : AbortSignal.any([late, signal]),
    ...outbound,
  })
  const tokens = tokenSource.tokens()
  await provider.revoke(http, { settings, fields: tokens.fields ?? NO_FIELDS, tokens })
}
