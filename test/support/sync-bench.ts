/** Whole syncs over a real store and a destination in memory: leases, cursors, receipts and quarantine are the node's own. */
import type { SyncJob, SyncStream } from '../../src/sync/job.js'
import { runSync, type SyncOutcome } from '../../src/sync/sync.js'
import { leases, type Connection, type Store } from '../../src/store/index.js'
import type { ReceiptSigner } from '../../src/sync/receipt.js'
import { MemoryDestination } from './memory-destination.js'
import { addConnection, addDatabase, addSync, NOW } from './store-rows.js'
import { testJob } from './sync-job.js'

export const testSigner: ReceiptSigner = {
  did: 'did:vda:testnet:0xnode',
  sign: (text) => Promise.resolve(`signature of ${text}`),
}

export interface SyncBench {
  readonly connection: Connection
  readonly destination: MemoryDestination
  /** Steps in order since the start: write, prove, commit, heads, announce, release; each again with ` done`. */
  readonly steps: string[]
  /** The wall clock; a test may set it on. */
  nowMs: number
  /** Called at every step; what it throws is thrown there. */
  fault: (step: string) => void
  /** One sync under a lease of its own, which is given back at the end, however it ends. */
  sync(streams: readonly SyncStream[], overrides?: Partial<SyncJob>): Promise<SyncOutcome>
  /** A job under a lease that is held already. */
  job(streams: readonly SyncStream[], overrides?: Partial<SyncJob>): Promise<SyncJob>
  /** Runs such a job. */
  run(job: SyncJob): Promise<SyncOutcome>
}

export async function makeSyncBench(store: Store): Promise<SyncBench> {
  const connection = await addConnection(store)
  const destination = new MemoryDestination(connection.id)
  const steps: string[] = []
  const step = (name: string): void => {
    steps.push(name)
    bench.fault(name)
  }
  destination.watch = step
  const watched: Store = {
    ...store,
    async transaction(work) {
      step('commit')
      const result = await store.transaction(work)
      step('commit done')
      return result
    },
  }
  const bench: SyncBench = {
    connection,
    destination,
    steps,
    nowMs: NOW,
    fault: () => undefined,
    async sync(streams, overrides) {
      const job = await bench.job(streams, overrides)
      try {
        return await bench.run(job)
      } finally {
        await leases.release(store.db, connection.id, job.leaseNumber)
      }
    },
    async job(streams, overrides) {
      bench.nowMs += 1
      const lease = await leases.acquire(store.db, connection.id, 'test', bench.nowMs)
      if (lease === 'busy') throw new Error('the lease is busy')
      const schemas = streams.flatMap(({ schema, content }) =>
        content ? [schema, content.schema] : [schema],
      )
      for (const schema of new Set(schemas))
        await addDatabase(store, connection, { name: destination.database(schema), schemaUri: schema })
      const { id } = await addSync(store, connection, { ...lease, nowMs: bench.nowMs })
      return testJob(streams, {
        syncId: id,
        connectionId: connection.id,
        leaseNumber: lease.leaseNumber,
        run: destination.run(),
        clock: { now: () => bench.nowMs },
        fetchUntilMs: bench.nowMs + 45_000,
        ...overrides,
      })
    },
    run: (job) =>
      runSync({ store: watched, signer: testSigner }, job, () => {
        step('announce')
        return Promise.resolve()
      }),
  }
  return bench
}
