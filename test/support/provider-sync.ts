/** Whole syncs of a provider: the node's own pipeline, store and HTTP client, over real HTTP, against a stand-in for the service. */
import { canonicalJson, type JsonObject } from '../../src/lib/canonical-json.js'
import { silentLog } from '../../src/lib/log.js'
import { createBudgets, createProviderHttp } from '../../src/outbound/index.js'
import { NodeError, Redacted, type AnyStream } from '../../src/provider/index.js'
import type { Store } from '../../src/store/index.js'
import type { ContentWish, SyncJob, SyncStream } from '../../src/sync/job.js'
import type { SyncOutcome } from '../../src/sync/sync.js'
import { openTestStore } from './database.js'
import type { ProviderCase } from './provider-case.js'
import { ACCOUNT, pinnedUri } from './provider-run.js'
import { heldToken, LATER_TOKEN, NOW, testFields, testSettings } from './provider-settings.js'
import { startStandIn, type StandIn } from './stand-in.js'
import { makeSyncBench, type SyncBench } from './sync-bench.js'
import { testSocket } from './test-socket.js'

export interface ProviderSyncs {
  readonly service: StandIn
  readonly bench: SyncBench
  /** How often the node asked for another token. */
  readonly refreshes: () => number
  /** What the destination holds, as bytes; without raw data where that may tell of the run. */
  readonly bytes: (part?: 'mapped') => string
  readonly sync: (
    streams?: readonly AnyStream[],
    changes?: Partial<SyncJob>,
    content?: ContentWish,
  ) => Promise<SyncOutcome>
  /** Sets the clock of all later calls on. */
  readonly advance: (ms: number) => void
  readonly abort: AbortController
}

let shared: Promise<Store> | undefined

/** The one store of a test file: making it takes seconds, which belong into a hook. */
export const openSyncStore = (): Promise<Store> => (shared ??= openTestStore('pglite'))

/** One connection with an empty destination. `startMs` is its first moment. */
export async function withSyncs<T>(
  one: ProviderCase,
  work: (syncs: ProviderSyncs) => Promise<T>,
  startMs = NOW,
): Promise<T> {
  const [bench, service] = [await makeSyncBench(await openSyncStore()), await startStandIn(one)]
  const abort = new AbortController()
  const [auth] = one.provider.auth
  const fields = testFields(one, auth)
  let token = heldToken(one, auth)
  let refreshes = 0
  let aheadMs = startMs - performance.now()
  const clock = { now: () => Math.round(performance.now() + aheadMs) }
  const { settings } = testSettings(one.provider)
  const tokenSource = {
    current: async () => token,
    refresh: async () => {
      refreshes += 1
      if (!canRefresh(one)) throw new NodeError('TOKEN_REVOKED', { detail: 'no other token' })
      return (token = new Redacted(LATER_TOKEN))
    },
    tokens: () => ({ kind: auth.kind, fields }),
  }
  const sync: ProviderSyncs['sync'] = (streams = one.provider.streams, changes = {}, content?) => {
    const http = createProviderHttp({
      provider: { ...one.provider, limits: [] },
      settings,
      tokenSource,
      clock,
      log: silentLog,
      budgets: createBudgets(clock),
      signal: abort.signal,
      network: service.network,
      connectionId: bench.connection.id,
    })
    const wish = content === undefined ? {} : { content }
    const asked = streams.flatMap(asSynced).map((stream) => ({ ...stream, ...wish }))
    return bench.sync(asked, {
      provider: one.provider,
      settings,
      fields,
      account: ACCOUNT,
      http:
        one.socketPort === undefined
          ? http
          : { ...http, socket: (host, port) => testSocket(one, host, port, abort.signal) },
      clock,
      fetchUntilMs: clock.now() + 45_000,
      liveTokens: () => [],
      signal: abort.signal,
      ...changes,
    })
  }
  try {
    return await work({
      service,
      bench,
      sync,
      abort,
      refreshes: () => refreshes,
      bytes: (part) => bytesOf(bench, part === 'mapped'),
      advance: (ms) => void (aheadMs += ms),
    })
  } finally {
    await service.close()
  }
}

/** Whether this provider's usual sign-in can give another token. */
export function canRefresh({ provider }: ProviderCase): boolean {
  const [auth] = provider.auth
  if (auth.kind === 'oauth2') return auth.refresh
  return auth.kind === 'custom' ? auth.open !== undefined : 'token' in auth
}

/** Rule A3 alone judges a schema that is not there. */
function asSynced(stream: AnyStream): readonly SyncStream[] {
  const schema = pinnedUri(stream)
  return schema === undefined ? [] : [{ stream, schema, wish: {} }]
}

function bytesOf({ destination }: SyncBench, isMapped: boolean): string {
  const shown = ({ sourceData, ...mapped }: JsonObject) => (isMapped ? mapped : { ...mapped, sourceData })

  const databases = [...destination.remote].map(
    ([schema, records]) =>
      [
        schema,
        [...records].map(([id, record]) => [id, shown(record)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
      ] as const,
  )
  return canonicalJson(databases.sort(([a], [b]) => (a < b ? -1 : 1)))
}
