/** From what a delivery tells to the connectors that it is about: each is marked once, however many tell of it. */
import { openAccount } from '../../connectors/index.js'
import { accountHashes } from '../../credentials/account-hash.js'
import { NodeError } from '../../errors.js'
import type { DeliveryEvent } from '../../provider/index.js'
import { connectorAccounts, inboundChanges, type ScopedTx } from '../../store/index.js'
import type { ChangedStreams } from '../../store/repositories/inbound-changes.js'
import { foldTimes, type InboundPorts } from './ports.js'

/** Streams by what they are told of; `undefined`: of no account in particular. */
type Told = ReadonlyMap<string | undefined, ChangedStreams>

const BACKFILL = 500

/** Of a registration's own connector. Takes `store.node`. */
export async function noteConnector(
  tx: ScopedTx,
  ports: InboundPorts,
  connectorId: string,
  events: readonly DeliveryEvent[],
): Promise<void> {
  if (events.length === 0) return
  const { streams } = merged(events)
  await inboundChanges.note(tx, connectorId, streams, foldTimes(ports))
}

/** Of an application's endpoint: gives how many accounts nobody here has. Takes `store.node`. */
export async function noteAccounts(
  tx: ScopedTx,
  ports: InboundPorts,
  provider: string,
  events: readonly DeliveryEvent[],
): Promise<number> {
  const { secrets, clock } = ports
  const told = byAccount(events)
  const all = told.get(undefined)
  if (all !== undefined) await inboundChanges.noteType(tx, provider, all, foldTimes(ports))
  const accounts = [...told].flatMap(([accountId, streams]) =>
    accountId === undefined ? [] : [{ hashes: accountHashes(secrets, { provider, accountId }), streams }],
  )
  if (accounts.length === 0) return 0
  await fillHashes(tx, ports, provider)
  const rows = accounts.flatMap(({ hashes, streams }) =>
    hashes.map((accountHash) => ({ accountHash, streams })),
  )
  const inVaults = await connectorAccounts.markChanged(
    tx,
    provider,
    rows.map(({ accountHash }) => accountHash),
    clock.now(),
  )
  const known = new Set([
    ...inVaults,
    ...(await inboundChanges.noteAccounts(tx, provider, rows, foldTimes(ports))),
  ])
  return accounts.filter(({ hashes }) => !hashes.some((hash) => known.has(hash))).length
}

function byAccount(events: readonly DeliveryEvent[]): Told {
  const accounts = new Set(events.map(({ accountId }) => accountId))
  return new Map(
    [...accounts].map((id) => [id, merged(events.filter(({ accountId }) => accountId === id)).streams]),
  )
}

/** One that names no stream is about all of them. */
function merged(events: readonly DeliveryEvent[]): { readonly streams: ChangedStreams } {
  const names = events.map(({ stream }) => stream)
  const known = names.filter((name) => name !== undefined)
  return { streams: known.length < names.length ? null : [...new Set(known)].sort() }
}

/** Connectors that were connected before their accounts were told of anywhere. */
async function fillHashes(tx: ScopedTx, ports: InboundPorts, type: string): Promise<void> {
  const { ring, secrets, log } = ports
  const rows = await connectorAccounts.unhashed(tx, type, BACKFILL)
  for (const { connectorId, tenant, sealed } of rows) {
    try {
      const { id: accountId } = openAccount(ring, { tenant, id: connectorId }, sealed)
      const [hash] = accountHashes(secrets, { provider: type, accountId })
      await connectorAccounts.setHash(tx, connectorId, hash)
    } catch (error) {
      // One damaged row must not keep the deliveries of all others out.
      if (!(error instanceof NodeError && error.code === 'SEAL_FAILED')) throw error
      log.warn('webhook.account_unreadable', { connectorId, error })
      await connectorAccounts.setHash(tx, connectorId, '')
    }
  }
  if (rows.length === BACKFILL) await fillHashes(tx, ports, type)
}
