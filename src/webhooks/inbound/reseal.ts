/** After a change of keys: seals every registration again under the ring's current key, while the node serves. */
import type { KeyRing } from '../../credentials/key-ring.js'
import { toNodeError } from '../../errors.js'
import { inboundWebhooks, type InboundWebhookRow, type Store } from '../../store/index.js'
import { sealedAgain } from './registration-box.js'

interface ResealPorts {
  readonly store: Store
  readonly ring: KeyRing
}

const PAGE = 100

export async function resealRegistrations(ports: ResealPorts) {
  const counts = { resealed: 0, current: 0, unreadable: 0 }
  for (let afterId: string | undefined; ;) {
    const page = { afterId, limit: PAGE }
    const rows = await ports.store.node((tx) => inboundWebhooks.listAll(tx, page))
    for (const row of rows) counts[await reseal(ports, row)] += 1
    afterId = rows.at(-1)?.id
    if (rows.length < PAGE) return counts
  }
}

async function reseal(
  { store, ring }: ResealPorts,
  row: InboundWebhookRow,
): Promise<'resealed' | 'current' | 'unreadable'> {
  try {
    const registrationSealed = sealedAgain(ring, row)
    if (registrationSealed === undefined) return 'current'
    const changes = { registrationSealed, updatedAtMs: row.updatedAtMs }
    const written = await store.tenant(row.tenant, (tx) => inboundWebhooks.update(tx, row, changes))
    // Renewed meanwhile: what is written now is under the current key.
    return written === undefined ? 'current' : 'resealed'
  } catch (error) {
    // One damaged row must not keep all others under an old key: it is counted.
    if (toNodeError(error).code === 'SEAL_FAILED') return 'unreadable'
    throw error
  }
}
