/** One call to a provider's token endpoint (RFC 6749): the client's authentication, the form, and what a refusal means. */
import { NodeError, type ErrorCode } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import {
  answerJson,
  declaredHosts,
  exchange,
  failedAnswer,
  failureOf,
  type Caps,
  type Network,
  type OutboundAnswer,
} from '../outbound/index.js'
import type { OAuth2, Tokens, UsableProvider } from '../provider/index.js'
import { oauthErrorOf, tokensOf } from './token-answer.js'

export interface TokenPorts {
  readonly clock: Clock
  readonly log: Log
  /** Its abort ends the call at once, with the abort's reason. */
  readonly signal?: AbortSignal
  /** Default: the system's. */
  readonly network?: Network
  readonly caps?: Partial<Caps>
}

type Form = Readonly<Record<string, Redacted | string>>
type Rejected = Extract<ErrorCode, 'TOKEN_REVOKED' | 'CODE_REJECTED'>

/** How this provider's accounts are connected. */
export function oauth2Of({ provider }: UsableProvider): OAuth2 {
  return provider.auth[0]
}

/**
 * Posts a form to the token endpoint, once. `rejected` is the code for a grant that the provider does not take.
 * @throws NodeError `rejected`, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, PROVIDER_NOT_CONFIGURED
 */
export async function askForTokens(
  ports: TokenPorts,
  use: UsableProvider,
  form: Form,
  rejected: Rejected,
): Promise<Tokens> {
  const auth = oauth2Of(use)
  const url = typeof auth.token === 'string' ? auth.token : auth.token(use.settings)
  const { headers, fields } = authenticated(auth, use, form)
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
      body: new URLSearchParams(fields).toString(),
    },
    { ...ports, hosts: declaredHosts(use.provider, use.settings, [url]) },
  )
  const now = ports.clock.now()
  const failure = failureOfToken(use, answer, now, rejected)
  if (failure !== undefined) throw failure
  return tokensOf(answerJson(answer), auth, now)
}

/** How the client says who it is (RFC 6749 2.3.1). */
function authenticated(
  { clientAuth = 'post' }: OAuth2,
  { settings }: UsableProvider,
  form: Form,
): { readonly headers: Record<string, string>; readonly fields: Record<string, string> } {
  const plain = (value: Redacted | string): string => (typeof value === 'string' ? value : reveal(value))
  const fields = Object.fromEntries(Object.entries(form).map(([name, value]) => [name, plain(value)]))
  const { clientId, clientSecret } = settings
  const id = clientId === undefined ? undefined : plain(clientId)
  const secret = clientSecret === undefined ? undefined : plain(clientSecret)
  if (clientAuth === 'basic' && id !== undefined && secret !== undefined) {
    const pair = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`, 'utf8').toString('base64')
    return { headers: { authorization: `Basic ${pair}` }, fields }
  }
  const client = {
    ...(id !== undefined && { client_id: id }),
    ...(secret !== undefined && { client_secret: secret }),
  }
  return { headers: {}, fields: { ...client, ...fields } }
}

const formEncoded = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2)

/** Codes of RFC 6749 that are the node's own fault, or pass by themselves: neither is the owner's to mend. */
const CLIENT_ERRORS: readonly string[] = ['invalid_client', 'unauthorized_client']
const PASSING_ERRORS: readonly string[] = ['temporarily_unavailable', 'server_error']

function failureOfToken(
  { provider }: UsableProvider,
  answer: OutboundAnswer,
  nowMs: number,
  rejected: Rejected,
): NodeError | undefined {
  const isOk = answer.status >= 200 && answer.status < 300
  const failed = failedAnswer(answer)
  const { json } = failed
  const named = json === undefined || json['access_token'] !== undefined ? undefined : oauthErrorOf(json)
  if (isOk && named === undefined) return undefined
  // Some send an error with status 200.
  const status = isOk ? 400 : answer.status
  const error = failureOf(provider, { ...failed, status }, nowMs)
  const detail = `${provider.id}: token endpoint: ${error.detail ?? ''}`
  const retryAfter = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }
  if (error.code === 'RATE_LIMITED' || error.code === 'PROVIDER_DOWN')
    return new NodeError(error.code, { detail, ...retryAfter })
  if (named !== undefined && PASSING_ERRORS.includes(named)) return new NodeError('PROVIDER_DOWN', { detail })
  if (named !== undefined && CLIENT_ERRORS.includes(named))
    return new NodeError('PROVIDER_NOT_CONFIGURED', {
      detail: `${detail}: the client or its secret is not accepted`,
    })
  // A page of a proxy in between says nothing about the grant.
  const isRefusal = json !== undefined && (status === 400 || status === 401)
  const isRejected =
    isRefusal || named === 'invalid_grant' || (json !== undefined && error.code === 'TOKEN_REVOKED')
  return new NodeError(isRejected ? rejected : 'PROVIDER_CHANGED', { detail })
}
