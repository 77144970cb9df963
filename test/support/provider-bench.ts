/** A provider with the node's own HTTP client against a stand-in for its service. Nothing is waited for or tried twice. */
import { createLog } from '../../src/lib/log.js'
import { createBudgets, createProviderHttp } from '../../src/outbound/index.js'
import { NodeError, Redacted, type AnyStream, type ProviderHttp } from '../../src/provider/index.js'
import type { ProviderCase } from './provider-case.js'
import { fetchContext, partitionsOf } from './provider-run.js'
import { NOW, testSettings, TOKEN } from './provider-settings.js'
import { startStandIn, type StandIn } from './stand-in.js'

export interface Bench {
  readonly service: StandIn
  /** A client of its own, since one that was told to wait keeps to it. */
  readonly client: () => ProviderHttp
  readonly abort: AbortController
  readonly log: readonly string[]
}

/** Closed when `work` has ended. */
export async function withBench<T>(one: ProviderCase, work: (bench: Bench) => Promise<T>): Promise<T> {
  const service = await startStandIn(one)
  const abort = new AbortController()
  const log: string[] = []
  const clock = { now: () => NOW }
  const client = () =>
    createProviderHttp({
      provider: { ...one.provider, limits: [] },
      settings: testSettings(one.provider).settings,
      tokenSource: {
        current: async () => new Redacted(TOKEN),
        refresh: async () => {
          throw new NodeError('TOKEN_REVOKED', { detail: 'no other token' })
        },
      },
      clock,
      log: createLog({ level: 'debug', json: true, write: (line) => log.push(line) }),
      budgets: createBudgets(clock),
      signal: abort.signal,
      deadlineAtMs: NOW,
      network: service.network,
      caps: { headersMs: 5_000, bodyMs: 5_000 },
    })
  try {
    return await work({ service, client, abort, log })
  } finally {
    await service.close()
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
