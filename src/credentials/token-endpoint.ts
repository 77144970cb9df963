/** One call to a provider's token endpoint (RFC 6749): the client's authentication, the form, and what a refusal means. */
import { NodeError, type ErrorCode } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { Redacted, reveal } from '../lib/redacted.js'
import {
  answerJson,
  declaredHosts,
  exchange,
  failedAnswer,
  failureOf,
  type Budgets,
  type Caps,
  type Network,
  type OutboundAnswer,
} from '../outbound/index.js'
import {
  authOfKind,
  basicAuthorization,
  NO_FIELDS,
  type ClientCredentials,
  type FieldValues,
  type OAuth2,
  type ServiceAccount,
  type Tokens,
  type UsableProvider,
} from '../provider/index.js'
import { tokenAddress } from './declared-address.js'
import { inStandardForm, oauthErrorOf, toldTexts, tokensOf } from './token-answer.js'

export interface TokenPorts {
  readonly clock: Clock
  readonly log: Log
  /** Its abort ends the call at once, with the abort's reason. */
  readonly signal?: AbortSignal
  /** Default: the system's. */
  readonly network?: Network
  readonly caps?: Partial<Caps>
  /** Those of the process, for sign-ins that are calls of the provider's own. */
  readonly budgets?: Budgets
}

export type TokenForm = Readonly<Record<string, Redacted | string>>
type Rejected = Extract<ErrorCode, 'TOKEN_REVOKED' | 'CODE_REJECTED'>

/** The ways to connect that ask a token endpoint. */
export type TokenAuth = OAuth2 | ClientCredentials | ServiceAccount

export interface TokenCall {
  readonly auth: TokenAuth
  readonly form: TokenForm
  /** What was entered or told before. */
  readonly fields?: FieldValues | undefined
  /** The code for a grant that the provider does not take. */
  readonly rejected: Rejected
}

/** The sign-in of this provider. */
export function oauth2Of({ provider }: UsableProvider): OAuth2 {
  const auth = authOfKind(provider, 'oauth2')
  if (auth !== undefined) return auth
  throw new NodeError('CAPABILITY_MISSING', { detail: `${provider.id} has no OAuth 2.0 sign-in` })
}

/**
 * Posts a form to the token endpoint, once. What the answer tells is in the fields of the tokens.
 * @throws NodeError `rejected`, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function askForTokens(
  ports: TokenPorts,
  use: UsableProvider,
  { auth, form, fields, rejected }: TokenCall,
): Promise<Tokens> {
  const { url, hosts } = tokenAddress(use, auth, fields)
  const { headers, body } = authenticated(auth, use, form)
  const answer = await exchange(
    {
      method: 'POST',
      url,
      headers: {
        accept: 'application/json',
        'user-agent': 'connector-node',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(body).toString(),
    },
    { ...ports, hosts: declaredHosts(use.provider, use.settings, hosts) },
  )
  const now = ports.clock.now()
  const quirk = auth.kind === 'oauth2' ? auth : {}
  const failure = failureOfToken(use, auth, answer, { now, rejected, quirk })
  if (failure !== undefined) throw failure
  const json = answerJson(answer)
  const standard = inStandardForm(quirk, json, now)
  const told = toldTexts(auth.fields ?? {}, 'token', (name) => member(json, name) ?? member(standard, name))
  const known = fields ?? NO_FIELDS
  return {
    kind: auth.kind,
    ...tokensOf(standard, now),
    ...(auth.fields !== undefined && {
      fields: { secrets: known.secrets, texts: { ...known.texts, ...told } },
    }),
  }
}

function member(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined
  return (json as Readonly<Record<string, unknown>>)[name]
}

/** How the client says who it is (RFC 6749 2.3.1); a service account's assertion says it by itself. */
function authenticated(
  auth: TokenAuth,
  { settings }: UsableProvider,
  form: TokenForm,
): { readonly headers: Record<string, string>; readonly body: Record<string, string> } {
  const plain = (value: Redacted | string): string => (typeof value === 'string' ? value : reveal(value))
  const body = Object.fromEntries(Object.entries(form).map(([name, value]) => [name, plain(value)]))
  if (auth.kind === 'service_account') return { headers: {}, body }
  const { clientId, clientSecret } = settings
  const id = clientId === undefined ? undefined : plain(clientId)
  const secret = clientSecret === undefined ? undefined : plain(clientSecret)
  if (auth.clientAuth === 'basic' && id !== undefined && secret !== undefined) {
    const authorization = basicAuthorization({ clientId: id, clientSecret: new Redacted(secret) })
    return { headers: { authorization }, body }
  }
  const client = {
    ...(id !== undefined && { client_id: id }),
    ...(secret !== undefined && { client_secret: secret }),
  }
  return { headers: {}, body: { ...client, ...body } }
}

/** Codes of RFC 6749 that are the node's own fault, or pass by themselves: neither is the owner's to mend. */
const CLIENT_ERRORS: readonly string[] = ['invalid_client', 'unauthorized_client']
const PASSING_ERRORS: readonly string[] = ['temporarily_unavailable', 'server_error']

interface Judging {
  readonly now: number
  readonly rejected: Rejected
  readonly quirk: Pick<OAuth2, 'readToken'>
}

function failureOfToken(
  { provider }: UsableProvider,
  { kind }: TokenAuth,
  answer: OutboundAnswer,
  { now, rejected, quirk }: Judging,
): NodeError | undefined {
  const isOk = answer.status >= 200 && answer.status < 300
  const failed = failedAnswer(answer)
  const { json } = failed
  const named = json === undefined ? undefined : errorIn(json, { quirk, now })
  if (isOk && named === undefined) return undefined
  // Some send an error with status 200.
  const status = isOk ? 400 : answer.status
  const error = failureOf(provider, { ...failed, status }, now)
  const detail = `${provider.id}: token endpoint: ${error.detail ?? ''}`
  const retryAfter = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
  if (error.code === 'RATE_LIMITED' || error.code === 'PROVIDER_DOWN')
    return new NodeError(error.code, { detail, ...retryAfter })
  if (named !== undefined && PASSING_ERRORS.includes(named)) return new NodeError('PROVIDER_DOWN', { detail })
  if (named !== undefined && CLIENT_ERRORS.includes(named)) {
    // Of a service account the client is the account itself.
    if (kind === 'service_account') return new NodeError(rejected, { detail })
    return new NodeError('PROVIDER_NOT_CONFIGURED', {
      detail: `${detail}: the client or its secret is not accepted`,
    })
  }
  // A page of a proxy in between says nothing about the grant.
  const isRefusal = json !== undefined && (status === 400 || status === 401)
  const isRejected =
    isRefusal || named === 'invalid_grant' || (json !== undefined && error.code === 'TOKEN_REVOKED')
  return new NodeError(isRejected ? rejected : 'PROVIDER_CHANGED', { detail })
}

/** The error code of an answer that holds no token, in the standard's form or the service's own. */
function errorIn(json: unknown, { quirk, now }: Pick<Judging, 'quirk' | 'now'>): string | undefined {
  if (member(json, 'access_token') !== undefined) return undefined
  const own = oauthErrorOf(json)
  if (quirk.readToken === undefined) return own
  try {
    const standard = inStandardForm(quirk, json, now)
    return member(standard, 'access_token') === undefined ? (oauthErrorOf(standard) ?? own) : undefined
  } catch {
    // The answer of a failure need not have the form that the reader expects.
    return own
  }
}
