/** The Vault's use cases, put together: bounded in number, followed while they run, ended when the node stops. */
import PQueue from 'p-queue'
import { NodeError } from '../errors.js'
import { leases, syncs } from '../store/index.js'
import { clearLocal, disconnect, forgetConnection } from './end-connection.js'
import type { Progress } from './job.js'
import { runVaultSync, type StartedSync } from './run-vault-sync.js'
import { startVaultSync } from './start-vault-sync.js'
import { providerSchemas } from './stream-schema.js'
import { readReceipts, readSyncStatus } from './sync-status.js'
import type { VaultSyncPorts } from './vault-sync-ports.js'
import type { VaultSyncs } from './vault-syncs.js'

export interface VaultSyncService extends VaultSyncs {
  /** At start: ends what a dead process left running. */
  recover(): Promise<void>
  /** Refuses new syncs, ends the running ones with what they have committed, and waits for them. */
  close(): Promise<void>
}

/** Syncs that wait for a place, per running one; above that callers are told to come back. */
const WAITING_PER_PLACE = 4
const COME_BACK_MS = 15_000

/** @throws NodeError SCHEMA_MISSING when a provider writes a schema that is not pinned */
export function createVaultSyncs(ports: VaultSyncPorts): VaultSyncService {
  const { catalog, log, maxConcurrentSyncs } = ports
  const { store } = ports.grants
  for (const { provider } of catalog) providerSchemas(provider)
  const queue = new PQueue({ concurrency: maxConcurrentSyncs })
  const live = new Map<string, Progress>()
  const stopping = new AbortController()

  async function run(sync: StartedSync): Promise<void> {
    try {
      await runVaultSync(ports, sync, stopping.signal, (progress) => live.set(sync.syncId, progress))
    } finally {
      live.delete(sync.syncId)
      await sync.lease.release()
    }
  }

  function declaredSchemas(id: string): readonly string[] {
    const entry = catalog.find(({ provider }) => provider.id === id)
    if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
    return providerSchemas(entry.provider)
  }

  return {
    async start(request) {
      if (stopping.signal.aborted)
        throw new NodeError('STORE_UNAVAILABLE', { detail: 'the node is stopping' })
      if (queue.size >= maxConcurrentSyncs * WAITING_PER_PLACE)
        throw new NodeError('TOO_MANY_REQUESTS', { retryAfterMs: COME_BACK_MS })
      const result = await startVaultSync(ports, request)
      if (result.kind === 'started') {
        const { syncId } = result.sync
        log.info('sync.started', { syncId, provider: request.provider })
        queue
          .add(() => run(result.sync))
          .catch((error: unknown) => {
            log.error('sync.failed', { syncId, stage: 'end', error })
          })
      }
      return result.told
    },
    status: (provider, syncRequestId, reader) =>
      readSyncStatus(store, live, syncRequestId, { ...reader, provider }),
    receipts: (syncRequestId, did) => readReceipts(store, syncRequestId, did),
    done: (provider, did) => {
      declaredSchemas(provider)
      return clearLocal(ports, provider, did)
    },
    forget: (request) => forgetConnection(ports, request),
    disconnect: (request) => disconnect(ports, request),
    schemasOf: declaredSchemas,
    async recover() {
      if (ports.alone) await leases.freeAllBut(store.db, ports.holder)
      const dead = await syncs.interruptDead(store.db, {
        holder: ports.holder,
        alone: ports.alone,
        nowMs: ports.grants.clock.now(),
      })
      for (const { id, provider, stage } of dead)
        log.warn('sync.interrupted', { syncId: id, provider, stage })
    },
    async close() {
      stopping.abort(new NodeError('INTERRUPTED'))
      await queue.onIdle()
    },
  }
}
