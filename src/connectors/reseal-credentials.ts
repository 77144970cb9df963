/** After a change of keys: seals every credential of every tenant again under the ring's current key, while the node serves. */
import type { KeyRing } from '../credentials/key-ring.js'
import { openValue, sealingKeyId, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import { connectorCredentials, type ConnectorCredential } from '../store/index.js'
import type { ConnectorGrantPorts } from './ports.js'

export interface Resealed {
  readonly resealed: number
  /** Under the current key already. */
  readonly current: number
  /** Open with no key of the ring: while there are any, no key should be taken off it. */
  readonly unreadable: number
}

const PAGE = 100

type ResealPorts = Pick<ConnectorGrantPorts, 'store' | 'ring'>

export async function resealCredentials(ports: ResealPorts, signal?: AbortSignal): Promise<Resealed> {
  const counts = { resealed: 0, current: 0, unreadable: 0 }
  let after: { readonly connectorId: string; readonly field: string } | undefined
  for (;;) {
    const rows = await ports.store.node((tx) => connectorCredentials.listAll(tx, { after, limit: PAGE }))
    for (const row of rows) counts[await reseal(ports, row)] += 1
    after = rows.at(-1)
    if (rows.length < PAGE || signal?.aborted) return counts
  }
}

async function reseal({ store, ring }: ResealPorts, row: ConnectorCredential): Promise<keyof Resealed> {
  // The time stays: by it the node knows how old the grant is.
  const { connectorId, tenant, field, sealed, generation, updatedAtMs } = row
  if (sealingKeyId(sealed) === ring.current.id) return 'current'
  const place = [tenant, connectorId, field]
  const again = sealedAgain(ring, sealed, place)
  if (again === undefined) return 'unreadable'
  const changed = { connectorId, tenant, field, sealed: again, nowMs: updatedAtMs }
  const stored = await store.tenant(tenant, (tx) => connectorCredentials.put(tx, changed, generation))
  // Written or removed meanwhile: what is written now is under the current key.
  return stored === undefined ? 'current' : 'resealed'
}

function sealedAgain(ring: KeyRing, sealed: string, place: readonly string[]): string | undefined {
  try {
    return sealValue(ring, openValue(ring, sealed, place), place)
  } catch (error) {
    // One damaged row must not keep all others under an old key: it is counted.
    if (error instanceof NodeError && error.code === 'SEAL_FAILED') return undefined
    throw error
  }
}
