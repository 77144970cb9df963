/** After a change of keys: seals the credentials of every tenant again under the ring's current key, while the node serves. */
import { resealPages, type Resealed } from '../credentials/reseal-pages.js'
import {
  connectorCredentials,
  revocations,
  type ConnectorCredential,
  type Revocation,
} from '../store/index.js'
import type { ConnectorGrantPorts } from './ports.js'
import { boundTo } from './sealed-credentials.js'

type ResealPorts = Pick<ConnectorGrantPorts, 'store' | 'ring'>

export async function resealCredentials(
  { store, ring }: ResealPorts,
  signal?: AbortSignal,
): Promise<Resealed> {
  return resealPages<ConnectorCredential>(
    ring,
    {
      list: (page) => store.node((tx) => connectorCredentials.listAll(tx, page)),
      sealed: ({ sealed }) => sealed,
      place: ({ tenant, connectorId, field }) => [tenant, connectorId, field],
      async store({ connectorId, tenant, field, generation, updatedAtMs }, sealed) {
        // The time stays: by it the node knows how old the grant is.
        const changed = { connectorId, tenant, field, sealed, nowMs: updatedAtMs }
        return (
          (await store.tenant(tenant, (tx) => connectorCredentials.put(tx, changed, generation))) !==
          undefined
        )
      },
    },
    signal,
  )
}

/** Grants of connectors that are gone and wait for their provider: otherwise their key would be needed until they end. */
export async function resealRevocations(
  { store, ring }: ResealPorts,
  signal?: AbortSignal,
): Promise<Resealed> {
  return resealPages<Revocation>(
    ring,
    {
      list: ({ after, limit }) => store.node((tx) => revocations.listAll(tx, { afterId: after?.id, limit })),
      sealed: ({ tokensSealed }) => tokensSealed,
      place: ({ tenant, connectorId }) => boundTo({ tenant, id: connectorId }, 'tokens'),
      store: ({ tenant, id, tokensSealed: from }, to) =>
        store.tenant(tenant, (tx) => revocations.reseal(tx, id, { from, to })),
    },
    signal,
  )
}
