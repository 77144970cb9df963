/** After a change of keys: seals every webhook's secrets again under the ring's current key, while the node serves. */
import type { KeyRing } from '../../credentials/key-ring.js'
import { toNodeError } from '../../errors.js'
import { webhooks, type Store, type Webhook } from '../../store/index.js'
import { sealedAgain } from './sealed-secrets.js'

export interface ResealedSecrets {
  readonly resealed: number
  readonly current: number
  /** Open with no key of the ring. */
  readonly unreadable: number
}

interface ResealPorts {
  readonly store: Store
  readonly ring: KeyRing
}

const PAGE = 100

export async function resealWebhooks(ports: ResealPorts): Promise<ResealedSecrets> {
  const counts = { resealed: 0, current: 0, unreadable: 0 }
  for (let afterId: string | undefined; ;) {
    const rows = await ports.store.node((tx) => webhooks.listAll(tx, { afterId, limit: PAGE }))
    for (const row of rows) counts[await reseal(ports, row)] += 1
    afterId = rows.at(-1)?.id
    if (rows.length < PAGE) return counts
  }
}

async function reseal({ store, ring }: ResealPorts, webhook: Webhook): Promise<keyof ResealedSecrets> {
  const { id, tenant, secretsSealed: from } = webhook
  try {
    const to = sealedAgain(ring, webhook)
    if (to === undefined) return 'current'
    const written = await store.tenant(tenant, (tx) => webhooks.reseal(tx, id, { from, to }))
    // Rotated meanwhile: what is written now is under the current key.
    return written ? 'resealed' : 'current'
  } catch (error) {
    // One damaged row must not keep all others under an old key: it is counted.
    if (toNodeError(error).code === 'SEAL_FAILED') return 'unreadable'
    throw error
  }
}
