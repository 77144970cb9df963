/** One account of a provider over real HTTP, for its author: credentials from the environment, or the sandbox service. It stores nothing. */
import { createHash, randomBytes } from 'node:crypto'
import { providers } from '../../providers/index.js'
import { readConfig } from '../config.js'
import { readCredentials } from '../connectors/credential-form.js'
import { openTokens } from '../credentials/open-tokens.js'
import { exchangeCode } from '../credentials/token-refresh.js'
import { approve, startSandboxService } from '../devnet/sandbox-service/index.js'
import { NodeError } from '../errors.js'
import { systemClock } from '../lib/clock.js'
import { linkTo } from '../connect/index.js'
import { silentLog } from '../lib/log.js'
import { Redacted, reveal } from '../lib/redacted.js'
import { createBudgets, createProviderHttp } from '../outbound/index.js'
import {
  authOfTokens,
  NO_FIELDS,
  type FetchContext,
  type ProviderHttp,
  type Tokens,
  type UsableProvider,
} from '../provider/index.js'

export interface LiveAccount extends UsableProvider {
  readonly tokens: Tokens
  readonly http: ProviderHttp
  readonly context: Omit<FetchContext, 'account' | 'partition'>
  close(): Promise<void>
}

/** @throws NodeError PROVIDER_UNKNOWN, PROVIDER_NOT_CONFIGURED, CONFIG_INVALID, REQUEST_INVALID, TOKEN_REVOKED, PROVIDER_DOWN */
export async function openLive(
  id: string,
  environment?: Readonly<Record<string, string | undefined>>,
): Promise<LiveAccount> {
  const provider = providers.find((one) => one.id === id)
  if (provider === undefined)
    throw new NodeError('PROVIDER_UNKNOWN', { detail: `there is no provider ${id}` })
  const config = environment === undefined ? readConfig() : readConfig({ ...environment })
  const credentials = config.PROVIDER_CREDENTIALS
  if (id === 'sandbox' && credentials === undefined) return openSandbox({ provider, settings: {} })
  const read = config.providerSettings(id, provider.settings)
  if (read.kind === 'missing')
    throw new NodeError('PROVIDER_NOT_CONFIGURED', { detail: `set ${read.names.join(', ')}` })
  const use = { provider, settings: read.settings }
  return account(use, await tokensOf(use, credentials))
}

/** The kind is that of the credentials' `auth_kind`, or the preferred one. */
async function tokensOf(use: UsableProvider, credentials: Redacted | undefined): Promise<Tokens> {
  const { auth_kind: kind, ...given } = parsed(credentials)
  const auth = use.provider.auth.find((one) => one.kind === (kind ?? use.provider.auth[0].kind))
  if (auth === undefined)
    throw new NodeError('CONFIG_INVALID', {
      detail: 'PROVIDER_CREDENTIALS: the provider has no such auth_kind',
    })
  const reading = { auth, settings: use.settings, nowMs: systemClock.now() }
  const read = readCredentials(given, reading)
  if (read.kind === 'tokens') return read.tokens
  return openTokens({ clock: systemClock, log: silentLog }, use, { auth, fields: read.fields })
}

function parsed(credentials: Redacted | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(credentials === undefined ? '{}' : reveal(credentials))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below: the parser's own error quotes the text.
  }
  throw new NodeError('CONFIG_INVALID', { detail: 'PROVIDER_CREDENTIALS: is not a JSON object' })
}

async function openSandbox({ provider }: UsableProvider): Promise<LiveAccount> {
  const redirectUri = 'http://127.0.0.1:5021/auth/sandbox'
  const service = await startSandboxService({
    port: 0,
    host: '127.0.0.1',
    posts: 250,
    followings: 120,
    files: 30,
    events: 40,
    client: { redirectUris: [redirectUri] },
  })
  try {
    const { id: clientId, secret } = service.client
    const use = {
      provider,
      settings: { origin: service.origin, clientId, clientSecret: new Redacted(secret) },
    }
    const verifier = randomBytes(32).toString('base64url')
    const [auth] = provider.auth
    const back = await approve(
      linkTo(`${service.origin}/oauth/authorize`, {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'scopes' in auth ? Object.keys(auth.scopes).join(' ') : '',
        state: 'live',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }),
    )
    const code = new URL(back).searchParams.get('code') ?? ''
    const ports = { clock: systemClock, log: silentLog }
    return account(use, await exchangeCode(ports, use, { code, redirectUri, verifier }), () =>
      service.close(),
    )
  } catch (error) {
    await service.close()
    throw error
  }
}

function account(
  use: UsableProvider,
  tokens: Tokens,
  close: () => Promise<void> = () => Promise.resolve(),
): LiveAccount {
  const { signal } = new AbortController()
  const fields = tokens.fields ?? NO_FIELDS
  const http = createProviderHttp({
    ...use,
    tokenSource: {
      current: () => Promise.resolve(tokens.accessToken),
      refresh: () => Promise.reject(new NodeError('TOKEN_REVOKED', { detail: 'the credentials have ended' })),
      tokens: () => ({ kind: authOfTokens(use.provider, tokens).kind, fields }),
    },
    clock: systemClock,
    log: silentLog,
    budgets: createBudgets(systemClock),
    signal,
    connectionId: 'live',
  })
  const context = { settings: use.settings, fields, now: systemClock.now(), signal }
  return { ...use, tokens, http, context, close }
}
