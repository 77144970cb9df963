/** Node-custody syncs over a real store and the real tables destination; only the service is made by hand. */
import { unusedHttp } from './unused-http.js'
import { silentLog } from '../../src/lib/log.js'
import { Redacted } from '../../src/lib/redacted.js'
import type { Provider, ProviderHttp } from '../../src/provider/index.js'
import type { Store } from '../../src/store/index.js'
import type { SyncStream } from '../../src/sync/job.js'
import { leaseStore } from '../../src/sync/lease-store.js'
import {
  runNodeSync,
  type NodeSync,
  type NodeSyncPorts,
  type NodeSyncResult,
} from '../../src/sync/run-node-sync.js'
import { createTablesDestination } from '../../src/tables/index.js'
import { addConnector, connectorNow, testRing, type OwnedConnector } from './connector-bench.js'
import { NOW } from './store-rows.js'
import { testJob } from './sync-job.js'

export interface NodeSyncBench extends OwnedConnector {
  /** Every transaction in order, each again with ` done`. */
  readonly steps: string[]
  /** Called at every step; what it throws is thrown there. */
  fault: (step: string) => void
  nowMs: number
  /** Of the connector as it is now. */
  sync(streams: readonly SyncStream[], facts?: Partial<NodeSync>): Promise<NodeSyncResult>
}

/** Answers every call; a stream that uses it is metered. */
const http: ProviderHttp = {
  get: () => Promise.resolve({ status: 200, headers: {}, json: null }),
  post: () => Promise.resolve({ status: 200, headers: {}, json: null }),
  delete: () => Promise.resolve({ status: 200, headers: {}, json: null }),
  ...unusedHttp,
}

export async function makeNodeSyncBench(
  store: Store,
  facts: Partial<Pick<NodeSyncPorts, 'limits' | 'fetchMs' | 'quotaLeft'>> = {},
): Promise<NodeSyncBench> {
  const owned = await addConnector(store)
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    bench.steps.push(name)
    bench.fault(name)
    const result = await work()
    bench.steps.push(`${name} done`)
    bench.fault(`${name} done`)
    return result
  }
  const watched: Store = {
    ...store,
    transaction: (work) => step('commit', () => store.transaction(work)),
    tenant: (tenant, work) => step('rows', () => store.tenant(tenant, work)),
  }
  const clock = { now: () => bench.nowMs }
  const ports: NodeSyncPorts = {
    store: watched,
    clock,
    log: silentLog,
    leases: leaseStore(store, clock, 'test'),
    destination: createTablesDestination({ store: watched, ring: testRing(), clock }),
    limits: { ms: 20_000, records: 5_000, bytes: 64_000_000 },
    fetchMs: 45_000,
    providerHttp: () => http,
    quotaLeft: () => undefined,
    ...facts,
  }
  const bench: NodeSyncBench = {
    ...owned,
    steps: [],
    fault: () => undefined,
    nowMs: NOW,
    async sync(streams, more) {
      bench.nowMs += 1
      return runNodeSync(ports, {
        connector: await connectorNow(store, owned),
        connection: owned.connection,
        use: { provider: providerOf(streams), settings: {} },
        grant: {
          account: { id: '1', name: 'One' },
          tokens: () => ({ accessToken: new Redacted('token') }),
          current: () => Promise.resolve(new Redacted('token')),
          refresh: () => Promise.resolve(new Redacted('token')),
          liveTokens: () => ['a live token'],
        },
        trigger: 'request',
        signal: new AbortController().signal,
        onProgress: () => undefined,
        ...more,
      })
    },
  }
  return bench
}

const providerOf = (streams: readonly SyncStream[]): Provider => ({
  ...testJob([]).provider,
  streams: streams.map(({ stream }) => stream),
})
