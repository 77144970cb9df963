/** Where the databases of an owner's connector are derived from: its account and its own secret, both sealed with it. */
import type { KeyRing } from '../credentials/key-ring.js'
import { NodeError } from '../errors.js'
import type { Did } from '../lib/did.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { connectorCredentials, type Connector, type ScopedTx } from '../store/index.js'
import { openAccount, openOwnerKey } from './sealed-credentials.js'

export interface OwnerPlace {
  readonly owner: Did
  readonly ownerKey: Bytes
  /** Missing while no account is connected: then there are no databases either. */
  readonly accountId: string | undefined
}

/** @throws NodeError SEAL_FAILED; INTERNAL for a connector of another destination */
export async function readOwnerPlace(
  tx: ScopedTx,
  ring: KeyRing,
  { id, tenant, ownerDid }: Pick<Connector, 'id' | 'tenant' | 'ownerDid'>,
): Promise<OwnerPlace> {
  const place = { tenant, id }
  const key = await connectorCredentials.get(tx, id, 'owner_key')
  const account = await connectorCredentials.get(tx, id, 'account')
  if (ownerDid === null || key === undefined)
    throw new NodeError('INTERNAL', { detail: 'the connector has no owner’s databases' })
  return {
    owner: ownerDid as Did,
    ownerKey: openOwnerKey(ring, place, key.sealed),
    accountId: account && openAccount(ring, place, account.sealed).id,
  }
}
