/** After a change of keys: seals every webhook's secrets again under the ring's current key, while the node serves. */
import type { KeyRing } from '../../credentials/key-ring.js'
import { resealPages, type Resealed } from '../../credentials/reseal-pages.js'
import { webhooks, type Store, type Webhook } from '../../store/index.js'
import { boundTo } from './sealed-secrets.js'

export async function resealWebhooks(
  { store, ring }: { readonly store: Store; readonly ring: KeyRing },
  signal?: AbortSignal,
): Promise<Resealed> {
  return resealPages<Webhook>(
    ring,
    {
      list: ({ after, limit }) => store.node((tx) => webhooks.listAll(tx, { afterId: after?.id, limit })),
      sealed: ({ secretsSealed }) => secretsSealed,
      place: boundTo,
      store: ({ tenant, id, secretsSealed: from }, to) =>
        store.tenant(tenant, (tx) => webhooks.reseal(tx, id, { from, to })),
    },
    signal,
  )
}
