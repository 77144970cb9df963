/** Puts the service of keys together: which tables are sealed again, and how their rows are bound. */
import { connectorOf, resealCredentials, resealRevocations } from './connectors/index.js'
import { createKeyService, type KeyService } from './keys/index.js'
import type { Log } from './lib/log.js'
import type { NodeKeys } from './node-keys.js'
import { connections, type Store } from './store/index.js'
import { resealRows } from './tables/index.js'
import { resealRegistrations } from './webhooks/inbound/index.js'
import { resealWebhooks } from './webhooks/outbound/index.js'

export interface KeyParts {
  readonly store: Store
  readonly keys: Pick<NodeKeys, 'ring' | 'ringFile'>
  readonly log: Log
  readonly lookMs?: number
}

export function openKeys({ store, keys, log, lookMs }: KeyParts): KeyService {
  const { ring, ringFile } = keys
  const placeOf = async (connectionId: string) => {
    const connection = await connections.get(store.db, connectionId)
    const owner = connection && connectorOf(connection.owner)
    return owner && ([owner.tenant, owner.connectorId] as const)
  }
  return createKeyService({
    store,
    ring,
    file: ringFile,
    log,
    ...(lookMs !== undefined && { lookMs }),
    resealers: [
      (signal) => resealCredentials({ store, ring }, signal),
      (signal) => resealRevocations({ store, ring }, signal),
      (signal) => resealWebhooks({ store, ring }, signal),
      (signal) => resealRegistrations({ store, ring }, signal),
      (signal) => resealRows({ store, ring, placeOf }, signal),
    ],
  })
}
