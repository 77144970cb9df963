/** Keeps tested credentials of a connector, sealed. A connector is one account for life: another one's are refused. */
import { accountHashes } from '../credentials/account-hash.js'
import { connectorAccounts, connectorCredentials, connectors, type ScopedTx } from '../store/index.js'
import type { Account, Tokens } from '../provider/index.js'
import { audit } from './audit.js'
import type { ConnectorGrantPorts } from './ports.js'
import {
  openAccount,
  sealAccount,
  sealTokens,
  type CredentialField,
  type CredentialPlace,
} from './sealed-credentials.js'

export interface TestedCredentials {
  readonly tokens: Tokens
  readonly account: Account
}

export interface Saving {
  readonly place: CredentialPlace
  readonly actor: string
  readonly nowMs: number
}

/** `false`, and nothing written, when the connector holds another account. */
export async function saveCredentials(
  tx: ScopedTx,
  { ring, secrets }: Pick<ConnectorGrantPorts, 'ring' | 'secrets'>,
  { place, actor, nowMs }: Saving,
  { tokens, account }: TestedCredentials,
): Promise<boolean> {
  const { tenant, id } = place
  const rows = await connectorCredentials.lock(tx, id)
  const pinned = rows.find(({ field }) => field === 'account')
  if (pinned !== undefined && openAccount(ring, place, pinned.sealed).id !== account.id) return false
  const put = (field: CredentialField, sealed: string) =>
    connectorCredentials.put(tx, { connectorId: id, tenant, field, sealed, nowMs })
  await put('tokens', sealTokens(ring, place, tokens))
  await put('account', sealAccount(ring, place, account))
  const type = (await connectors.get(tx, id))?.type
  if (secrets !== undefined && type !== undefined) {
    const [hash] = accountHashes(secrets, { provider: type, accountId: account.id })
    await connectorAccounts.setHash(tx, id, hash)
  }
  await audit(tx, { tenant, actor, action: 'credentials.stored', connectorId: id, nowMs })
  return true
}
