/**
 * The HTTP client of one connection and one run: it adds the token, keeps budgets, refreshes once, retries what may be
 * repeated, and turns failures into codes. Providers never see the token or wait themselves.
 */
import { randomUUID } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import {
  authOfTokens,
  type HttpAnswer,
  type HttpDownload,
  type Provider,
  type ProviderHttp,
  type SettingsOf,
  type SettingsShape,
} from '../provider/index.js'
import { answerJson, failedAnswer } from './answer-json.js'
import type { Budgets, Spender, Spent } from './budgets.js'
import { CAPS, type Caps } from './caps.js'
import { declaredSocket } from './declared-socket.js'
import { declaredHosts, type Connected, type DeclaredHosts, type Target } from './declared-hosts.js'
import { exchange, nameOf, type OutboundAnswer, type OutboundCall } from './exchange.js'
import { openDownload } from './download.js'
import { failureOf } from './failure.js'
import type { Network } from './network.js'
import { pathShape } from './path-shape.js'
import { backoffMs, waitShortly, type PatienceOptions } from './patience.js'
import { resetMs, toldLimit } from './rate-headers.js'
import { providerRequest, type ProviderCall } from './provider-request.js'

/** Where the access token comes from; an open grant is one. */
export interface TokenSource {
  current(): Promise<Redacted>
  /** After the service refused the last one. @throws NodeError TOKEN_REVOKED when there is no other */
  refresh(): Promise<Redacted>
  /** How the account was connected and what was entered; missing: the provider's usual way, without fields. */
  tokens?(): Connected
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
  const connected = (): Connected => options.tokenSource.tokens?.() ?? {}
  const client: Client = {
    ...options,
    connected,
    // Read anew: what the service tells may change with a refresh.
    hosts: () => declaredHosts(options.provider, options.settings, { connected: connected() }),
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
    patch: (url, body, options = {}) => perform(client, { method: 'PATCH', url, body, options }),
    delete: (url, { body, ...options } = {}) =>
      perform(client, { method: 'DELETE', url, options, ...(body && { body }) }),
    download: (url, options = {}) =>
      performDownload(client, { method: 'GET', url, options }, options.maxBytes),
    socket: (host, port) => declaredSocket(client, { host, port }),
  }
}

interface Client extends ProviderHttpOptions {
  readonly hosts: () => DeclaredHosts
  readonly connected: () => Connected
  readonly spender: Spender
  readonly patience: PatienceOptions
}

type Outcome<T> =
  { readonly kind: 'answered'; readonly answer: T } | { readonly kind: 'failed'; readonly error: NodeError }

async function perform(client: Client, call: ProviderCall): Promise<HttpAnswer> {
  const target = client.hosts().target(call.url)
  return persist(client, call, target, async (request) => {
    const send = (signal: AbortSignal) => exchange(request, { ...client, hosts: client.hosts(), signal })
    const answer = await timed(client, request, target, () => inTime(client, send))
    noteLimits(client, answer.headers)
    if (answer.status < 200 || answer.status >= 300) throw failed(client, answer)
    const json = answerJson(answer, client.caps?.jsonDepth)
    return { status: answer.status, headers: answer.headers, json }
  })
}

/** The body is handed on while it comes: what fails before its first byte is tried again, what fails later is not. */
async function performDownload(client: Client, call: ProviderCall, maxBytes?: number): Promise<HttpDownload> {
  const target = client.hosts().target(call.url)
  const { clock, patience } = client
  const caps = { ...CAPS, ...client.caps }
  return persist(client, call, target, async (request, token) => {
    const leftMs = Math.max(0, patience.deadlineAtMs - clock.now()) + caps.overtimeMs
    const open = () =>
      openDownload(request, {
        ...client,
        caps,
        hosts: client.hosts(),
        token,
        maxBytes: maxBytes ?? caps.downloadBytes,
        wholeMs: Math.min(leftMs, caps.downloadMs),
      })
    const opened = await timed(client, request, target, open)
    noteLimits(client, opened.headers)
    if (opened.kind === 'refused') throw failed(client, opened)
    return { headers: opened.headers, body: opened.body }
  })
}

/** Sends until it is answered: refreshes once, and repeats what may be repeated while there is time. */
async function persist<T>(
  client: Client,
  call: ProviderCall,
  target: Target,
  send: (request: OutboundCall, token: Redacted) => Promise<T>,
): Promise<T> {
  const isRepeatable = !['POST', 'PATCH'].includes(call.method) || call.options.idempotent === true
  let isRefreshed = false
  let token = await client.tokenSource.current()
  for (let retries = 0; ;) {
    await spend(client, { path: target.url.pathname, cost: call.options.cost })
    const outcome = await attempt(client, call, target, token, send)
    if (outcome.kind === 'answered') return outcome.answer
    const { error } = outcome
    if (error.code === 'TOKEN_REVOKED' && !isRefreshed) {
      isRefreshed = true
      token = await otherToken(client, token)
    } else if (retries < MAX_RETRIES && isRepeatable && error.fate === 'retry') {
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
async function spend({ budgets, spender, patience }: Client, spent: Spent): Promise<void> {
  patience.signal.throwIfAborted()
  for (let wait = budgets.take(spender, spent); wait > 0; wait = budgets.take(spender, spent)) {
    if (await waitShortly(wait, patience)) continue
    throw new NodeError('RATE_LIMITED', {
      detail: `${spender.provider.id}: the budget of requests is used up`,
      retryAfterMs: wait,
    })
  }
}

async function attempt<T>(
  client: Client,
  call: ProviderCall,
  target: Target,
  token: Redacted,
  send: (request: OutboundCall, token: Redacted) => Promise<T>,
): Promise<Outcome<T>> {
  const { provider, settings } = client
  const signature = provider.sign?.({ settings, accessToken: token }) ?? {}
  const connected = client.connected()
  const credentials = { auth: authOfTokens(provider, connected), token, fields: connected.fields }
  try {
    const request = providerRequest(call, target.url, credentials, signature)
    return { kind: 'answered', answer: await send(request, token) }
  } catch (error) {
    if (error instanceof NodeError)
      return { kind: 'failed', error: withName(error, nameOf(call.method, target)) }
    throw error
  }
}

/** What a failed answer means; the next calls wait as long as it asks. */
function failed(client: Client, answer: OutboundAnswer): NodeError {
  const nowMs = client.clock.now()
  const error = failureOf(client.provider, failedAnswer(answer), nowMs)
  if (error.code !== 'RATE_LIMITED') return error
  const wait = error.retryAfterMs ?? resetMs(client.provider.rateHeaders, answer.headers, nowMs)
  if (wait === undefined) return error
  client.budgets.pause(client.spender, wait)
  return new NodeError('RATE_LIMITED', { detail: error.detail ?? '', retryAfterMs: wait })
}

/** Every answer may tell what is left, and that nothing is. */
function noteLimits({ provider, clock, budgets, spender }: Client, headers: HttpAnswer['headers']): void {
  const told = toldLimit(provider.rateHeaders, headers, clock.now())
  if (told === undefined) return
  budgets.tell(spender, told.left, told.forMs)
  if (told.left === 0) budgets.pause(spender, told.forMs)
}

/** Notes the exchange in the log: address without query, status, time. */
async function timed<T extends { readonly status: number }>(
  { clock, log, provider }: Client,
  { method }: OutboundCall,
  target: Target,
  send: () => Promise<T>,
): Promise<T> {
  const startedAtMs = clock.now()
  const facts = { provider: provider.id, method, host: target.url.host, path: pathShape(target.url) }
  try {
    const answer = await send()
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
    ...(error.answered !== undefined && { answered: error.answered }),
  })
}
