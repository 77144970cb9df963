/** After a change of keys: seals every registration again under the ring's current key, while the node serves. */
import type { KeyRing } from '../../credentials/key-ring.js'
import { resealPages, type Resealed } from '../../credentials/reseal-pages.js'
import { inboundWebhooks, type InboundWebhookRow, type Store } from '../../store/index.js'
import { boundTo } from './registration-box.js'

export async function resealRegistrations(
  { store, ring }: { readonly store: Store; readonly ring: KeyRing },
  signal?: AbortSignal,
): Promise<Resealed> {
  return resealPages<InboundWebhookRow>(
    ring,
    {
      list: ({ after, limit }) =>
        store.node((tx) => inboundWebhooks.listAll(tx, { afterId: after?.id, limit })),
      sealed: ({ registrationSealed }) => registrationSealed,
      place: boundTo,
      async store(row, registrationSealed) {
        const changes = { registrationSealed, updatedAtMs: row.updatedAtMs }
        const written = await store.tenant(row.tenant, (tx) => inboundWebhooks.update(tx, row, changes))
        return written !== undefined
      },
    },
    signal,
  )
}
