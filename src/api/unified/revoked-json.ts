/** The end of a connection's grant, and with `erase` of the connection, as both addresses of it tell. */
import type { Caller, Connectors } from '../../connectors/index.js'
import { connectionJson } from './unified-json.js'

export async function revokedJson(
  connectors: Connectors,
  caller: Caller,
  { id, erase }: { readonly id: string; readonly erase: boolean },
): Promise<object> {
  if (!erase) {
    const { revoked, reason = null, connector } = await connectors.revoke(caller, id)
    return { revoked, reason, erasedRecords: 0, connection: connectionJson(connector) }
  }
  const { revoked, reason = null, erasedRecords } = await connectors.remove(caller, id)
  return { revoked, reason, erasedRecords, connection: null }
}
