/**
 * The HTTP client of one connection and one run: it adds the token, keeps budgets, refreshes once, retries what may be
 * repeated, and turns failures into codes. Providers never see the token or wait themselves.
 */
import { randomUUID } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import type { HttpAnswer, Provider, ProviderHttp, SettingsOf, SettingsShape } from '../provider/index.js'
import { answerJson, failedAnswer } from './answer-json.js'
import type { Budgets, Spender } from './budgets.js'
import { CAPS, type Caps } from './caps.js'
import { declaredHosts, type DeclaredHosts, type Target } from './declared-hosts.js'
import { exchange, nameOf, type OutboundAnswer, type OutboundCall } from './exchange.js'
import { failureOf } from './failure.js'
import type { Network } from './network.js'
import { pathShape } from './path-shape.js'
import { backoffMs, waitShortly, type PatienceOptions } from './patience.js'
import { providerRequest, type ProviderCall } from './provider-request.js'

/** Where the access token comes from; an open grant is one. */
export interface TokenSource {
  current(): Promise<Redacted>
  /** After the service refused the last one. @throws NodeError TOKEN_REVOKED when there is no other */
  refresh(): Promise<Redacted>
}

export interface ProviderHttpOptions {
  readonly provider: Provider
  readonly settings: SettingsOf<SettingsShape>
  readonly tokenSource: TokenSource
  readonly clock: Clock
  readonly log: Log
  readonly budgets: Budgets
  /** Its abort ends every call at once, with the abort's reason. */
  readonly signal: AbortSignal
  /** The connection whose budget is used; without one the client has a budget of its own. */
  readonly connectionId?: string
  /** Nothing is waited for or retried beyond it, in ms since 1970; what is under way ends soon after it. */
  readonly deadlineAtMs?: number
  /** Default: the system's. */
  readonly network?: Network
  readonly caps?: Partial<Caps>
}

const MAX_RETRIES = 3

export function createProviderHttp(options: ProviderHttpOptions): ProviderHttp {
  const client: Client = {
    ...options,
    hosts: declaredHosts(options.provider, options.settings),
    spender: { provider: options.provider, connectionId: options.connectionId ?? randomUUID() },
    patience: {
      clock: options.clock,
      signal: options.signal,
      deadlineAtMs: options.deadlineAtMs ?? Infinity,
    },
  }
  return {
    get: (url, options = {}) => perform(client, { method: 'GET', url, options }),
    post: (url, body, options = {}) => perform(client, { method: 'POST', url, body, options }),
    delete: (url, options = {}) => perform(client, { method: 'DELETE', url, options }),
  }
}

interface Client extends ProviderHttpOptions {
  readonly hosts: DeclaredHosts
  readonly spender: Spender
  readonly patience: PatienceOptions
}

type Outcome =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  | { readonly kind: 'failed'; readonly error: NodeError }

async function perform(client: Client, call: ProviderCall): Promise<HttpAnswer> {
  const target = client.hosts.target(call.url)
  let isRefreshed = false
  let token = await client.tokenSource.current()
  for (let retries = 0; ;) {
    await spend(client)
    const outcome = await attempt(client, call, target, token)
    if (outcome.kind === 'answered') return outcome.answer
    const { error } = outcome
    if (error.code === 'TOKEN_REVOKED' && !isRefreshed) {
      isRefreshed = true
      token = await otherToken(client, token)
    } else if (retries < MAX_RETRIES && call.method !== 'POST' && error.fate === 'retry') {
      if (error.code === 'CURSOR_EXPIRED') throw error
      // A wait that the service asked for is never shortened; jitter comes on top.
      const wait = (error.retryAfterMs ?? 0) + backoffMs(retries)
      if (!(await waitShortly(wait, client.patience))) throw error
      retries += 1
    } else throw error
  }
}

/** Another call may have refreshed already: a second refresh would spend a rotated token for nothing. */
async function otherToken({ tokenSource, signal }: Client, refused: Redacted): Promise<Redacted> {
  signal.throwIfAborted()
  const current = await tokenSource.current()
  return reveal(current) === reveal(refused) ? tokenSource.refresh() : current
}

/** @throws NodeError RATE_LIMITED when the budget leaves no room soon */
async function spend({ budgets, spender, patience }: Client): Promise<void> {
  patience.signal.throwIfAborted()
  for (let wait = budgets.take(spender); wait > 0; wait = budgets.take(spender)) {
    if (await waitShortly(wait, patience)) continue
    throw new NodeError('RATE_LIMITED', {
      detail: `${spender.provider.id}: the budget of requests is used up`,
      retryAfterMs: wait,
    })
  }
}

async function attempt(
  client: Client,
  call: ProviderCall,
  target: Target,
  token: Redacted,
): Promise<Outcome> {
  const { provider, settings, clock } = client
  const signature = provider.sign?.({ settings, accessToken: token }) ?? {}
  const request = providerRequest(call, target.url, token, signature)
  const name = nameOf(call.method, target)
  try {
    const answer = await timed(client, request, target)
    if (answer.status >= 200 && answer.status < 300) {
      const json = answerJson(answer, client.caps?.jsonDepth)
      return { kind: 'answered', answer: { status: answer.status, headers: answer.headers, json } }
    }
    const error = failureOf(provider, failedAnswer(answer), clock.now())
    if (error.code === 'RATE_LIMITED' && error.retryAfterMs !== undefined)
      client.budgets.pause(client.spender, error.retryAfterMs)
    return { kind: 'failed', error: withName(error, name) }
  } catch (error) {
    if (error instanceof NodeError) return { kind: 'failed', error: withName(error, name) }
    throw error
  }
}

/** Notes the exchange in the log: address without query, status, time. */
async function timed(client: Client, request: OutboundCall, target: Target): Promise<OutboundAnswer> {
  const { clock, log, provider } = client
  const startedAtMs = clock.now()
  const facts = {
    provider: provider.id,
    method: request.method,
    host: target.url.host,
    path: pathShape(target.url),
  }
  try {
    const answer = await inTime(client, (signal) => exchange(request, { ...client, signal }))
    log.debug('provider.called', { ...facts, status: answer.status, ms: clock.now() - startedAtMs })
    return answer
  } catch (error) {
    log.debug('provider.called', { ...facts, ms: clock.now() - startedAtMs })
    throw error
  }
}

/** A service that is slow enough for every cap must not keep a run beyond the time that the Vault waits. */
async function inTime<T>(client: Client, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal, caps, patience } = client
  if (patience.deadlineAtMs === Infinity) return send(signal)
  const over = new AbortController()
  const leftMs = Math.max(0, patience.deadlineAtMs - clock.now()) + (caps?.overtimeMs ?? CAPS.overtimeMs)
  const timer = setTimeout(() => {
    over.abort(new NodeError('PROVIDER_DOWN', { detail: 'no whole answer in the time of this run' }))
  }, leftMs)
  try {
    return await send(AbortSignal.any([signal, over.signal]))
  } finally {
    clearTimeout(timer)
  }
}

function withName(error: NodeError, name: string): NodeError {
  if (error.detail?.startsWith(name)) return error
  return new NodeError(error.code, {
    detail: `${name}: ${error.detail ?? ''}`,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  })
}
