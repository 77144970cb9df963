/** A provider with the node's own HTTP client against a stand-in for its service. Nothing is waited for or tried twice. */
import { createLog } from '../../src/lib/log.js'
import { createBudgets, createProviderHttp } from '../../src/outbound/index.js'
import {
  NodeError,
  type AnyStream,
  type Auth,
  type ProviderHttp,
  type Redacted,
} from '../../src/provider/index.js'
import type { ProviderCase } from './provider-case.js'
import { fetchContext, partitionsOf } from './provider-run.js'
import { heldToken, NOW, testFields, testSettings } from './provider-settings.js'
import { startStandIn, type StandIn } from './stand-in.js'
import { testSocket } from './test-socket.js'

export interface Bench {
  readonly service: StandIn
  /** A client of its own, since one that was told to wait keeps to it. */
  readonly client: (auth?: Auth) => ProviderHttp
  readonly abort: AbortController
  readonly log: readonly string[]
}

/** Closed when `work` has ended. */
export async function withBench<T>(one: ProviderCase, work: (bench: Bench) => Promise<T>): Promise<T> {
  const service = await startStandIn(one)
  const abort = new AbortController()
  const log: string[] = []
  const clock = { now: () => NOW }
  const client = (auth?: Auth): ProviderHttp => {
    const http = createProviderHttp({
      provider: { ...one.provider, limits: [] },
      settings: testSettings(one.provider).settings,
      tokenSource: connectedBy(one, auth),
      clock,
      log: createLog({ level: 'debug', json: true, write: (line) => log.push(line) }),
      budgets: createBudgets(clock),
      signal: abort.signal,
      deadlineAtMs: NOW,
      network: service.network,
      caps: { headersMs: 5_000, bodyMs: 5_000 },
    })
    return one.socketPort === undefined
      ? http
      : { ...http, socket: (host, port) => testSocket(one, host, port, abort.signal) }
  }
  try {
    return await work({ service, client, abort, log })
  } finally {
    await service.close()
  }
}

/** The credentials of an account that was connected in this way; there are no others. */
export function connectedBy(one: ProviderCase, auth: Auth = one.provider.auth[0]) {
  const fields = testFields(one, auth)
  return {
    current: async (): Promise<Redacted> => heldToken(one, auth),
    refresh: async (): Promise<Redacted> => {
      throw new NodeError('TOKEN_REVOKED', { detail: 'no other token' })
    },
    tokens: () => ({ kind: auth.kind, fields }),
  }
}

/** The first page of the first partition. A `partitions` that fails ends it likewise. */
export async function beginning(
  one: ProviderCase,
  stream: AnyStream,
  http: ProviderHttp,
  signal?: AbortSignal,
): Promise<unknown> {
  const [partition = ''] = await partitionsOf(one, stream, http)
  return stream.fetchPage(http, undefined, fetchContext(one, partition, signal))
}

/** What the work throws; undefined when it ends well. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return undefined
  } catch (error) {
    return error
  }
}

/** All that an error could tell somebody, its causes too. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.message, error.stack, JSON.stringify(error), describe(error.cause)].join('\n')
}
