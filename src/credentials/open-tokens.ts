/** Opens an account with what was entered for it: at its first connecting, and anew whenever its tokens have ended. It stores nothing. */
import { randomUUID } from 'node:crypto'
import { NodeError } from '../errors.js'
import { Redacted, reveal } from '../lib/redacted.js'
import { createBudgets, createProviderHttp } from '../outbound/index.js'
import {
  type Auth,
  type ClientCredentials,
  type Custom,
  type FieldValues,
  type ServiceAccount,
  type Tokens,
  type UsableProvider,
} from '../provider/index.js'
import { resolved } from './declared-address.js'
import { signedAssertion } from './service-account.js'
import { askForTokens, type TokenForm, type TokenPorts } from './token-endpoint.js'

export interface Opening {
  readonly auth: Auth
  readonly fields: FieldValues
  /** Those to ask for. Default: all of the provider's. */
  readonly scopes?: readonly string[] | undefined
}

/** How long the calls of a custom sign-in may take together. */
const OPEN_MS = 60_000

/**
 * @throws NodeError TOKEN_REVOKED: not accepted; CAPABILITY_MISSING: a sign-in of a person is needed; PROVIDER_DOWN,
 * RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function openTokens(ports: TokenPorts, use: UsableProvider, opening: Opening): Promise<Tokens> {
  const { auth, fields } = opening
  switch (auth.kind) {
    case 'oauth2':
      throw new NodeError('CAPABILITY_MISSING', { detail: `${use.provider.id}: a person must sign in` })
    case 'api_key':
      return { kind: auth.kind, accessToken: fields.secrets[auth.key] ?? new Redacted(''), fields }
    case 'basic': {
      const pair = `${valueOf(fields, auth.username)}:${valueOf(fields, auth.password)}`
      const accessToken = new Redacted(Buffer.from(pair, 'utf8').toString('base64'))
      return { kind: auth.kind, accessToken, fields }
    }
    case 'client_credentials':
      return openByClient(ports, use, { ...opening, auth })
    case 'service_account':
      return openByAssertion(ports, use, { ...opening, auth })
    case 'custom':
      return openByCalls(ports, use, { ...opening, auth })
  }
}

/** Whether an account of this kind is opened anew by what was entered, without a person. */
export function opensAnew(auth: Auth): boolean {
  if (auth.kind === 'custom') return auth.open !== undefined
  return auth.kind === 'client_credentials' || auth.kind === 'service_account'
}

function valueOf({ texts, secrets }: FieldValues, name: string): string {
  const secret = secrets[name]
  return secret === undefined ? (texts[name] ?? '') : reveal(secret)
}

/** RFC 6749 4.4. */
function openByClient(
  ports: TokenPorts,
  use: UsableProvider,
  opening: Opening & { readonly auth: ClientCredentials },
): Promise<Tokens> {
  const { auth } = opening
  const scopes = scopesOf(auth, opening)
  const form = {
    grant_type: 'client_credentials',
    ...(scopes.length > 0 && { scope: scopes.join(auth.scopeJoin ?? ' ') }),
  }
  return askScoped(ports, use, { ...opening, form, scopes })
}

/** RFC 7523 2.1. */
function openByAssertion(
  ports: TokenPorts,
  use: UsableProvider,
  opening: Opening & { readonly auth: ServiceAccount },
): Promise<Tokens> {
  const { auth, fields } = opening
  const scopes = scopesOf(auth, opening)
  const assertion = signedAssertion(fields.secrets[auth.key] ?? new Redacted(''), {
    audience: resolved(auth.token, use, fields.texts),
    scope: scopes.join(' '),
    subject: auth.subject === undefined ? undefined : fields.texts[auth.subject],
    nowMs: ports.clock.now(),
  })
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
  return askScoped(ports, use, { ...opening, form, scopes })
}

interface ScopedCall extends Opening {
  readonly auth: ClientCredentials | ServiceAccount
  readonly form: TokenForm
  readonly scopes: readonly string[]
}

/** A refresh token of such an answer is not kept: what was entered opens the account again (RFC 6749 4.4.3). */
async function askScoped(
  ports: TokenPorts,
  use: UsableProvider,
  { auth, fields, form, scopes }: ScopedCall,
): Promise<Tokens> {
  const asked = { auth, form, fields, rejected: 'TOKEN_REVOKED' } as const
  const { accessToken, expiresAtMs, scopes: granted, ...facts } = await askForTokens(ports, use, asked)
  return {
    kind: auth.kind,
    accessToken,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    // An answer that names none grants what was asked for (RFC 6749 5.1).
    scopes: granted ?? scopes,
    fields: facts.fields ?? fields,
  }
}

const scopesOf = (auth: ClientCredentials | ServiceAccount, { scopes }: Opening): readonly string[] =>
  scopes ?? Object.keys(auth.scopes)

async function openByCalls(
  ports: TokenPorts,
  use: UsableProvider,
  { auth, fields }: Opening & { readonly auth: Custom },
): Promise<Tokens> {
  const { provider, settings } = use
  const held = { kind: auth.kind, accessToken: new Redacted(''), fields }
  if (auth.open === undefined) return held
  const { clock, log, signal, network, caps, budgets = createBudgets(clock) } = ports
  const limit = AbortSignal.timeout(OPEN_MS)
  const http = createProviderHttp({
    provider,
    settings,
    tokenSource: {
      current: () => Promise.resolve(held.accessToken),
      refresh: () => Promise.reject(new NodeError('TOKEN_REVOKED', { detail: 'the sign-in was refused' })),
      tokens: () => held,
    },
    clock,
    log,
    budgets,
    connectionId: `sign-in ${randomUUID()}`,
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    deadlineAtMs: clock.now() + OPEN_MS,
    ...(network !== undefined && { network }),
    ...(caps !== undefined && { caps }),
  })
  return { ...(await auth.open(http, { settings, fields })), kind: auth.kind, fields }
}
