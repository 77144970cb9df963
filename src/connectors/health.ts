/** How a connector is: its last runs, its next one, and the state of its credentials, without asking the provider. */
import {
  connectorCredentials,
  records,
  type Connector,
  type ConnectionStatus,
  type ScopedTx,
} from '../store/index.js'
import type { ConnectorGrantPorts } from './ports.js'
import { openAccount } from './sealed-credentials.js'
import type { AccountView } from './test-credentials.js'
import { readIn } from './token-keeper.js'

/** `renewable`: it ended, and is refreshed at its next use. */
export type TokenState = 'missing' | 'valid' | 'renewable' | 'expired' | 'refused'

export interface Health {
  readonly status: ConnectionStatus
  readonly account: AccountView | null
  readonly token: { readonly state: TokenState; readonly expiresAtMs: number | null }
  readonly lastSuccessAtMs: number | null
  readonly lastErrorAtMs: number | null
  readonly lastErrorCode: string | null
  readonly consecutiveFailures: number
  readonly nextRunAtMs: number | null
  /** Kept here, without those that were deleted at the source. */
  readonly records: number
}

/** @throws NodeError SEAL_FAILED */
export async function healthOf(
  tx: ScopedTx,
  ports: ConnectorGrantPorts,
  connector: Connector,
): Promise<Health> {
  const { id, tenant } = connector
  const sealed = await connectorCredentials.get(tx, id, 'account')
  const { status, lastSuccessAtMs, lastErrorAtMs, lastErrorCode, consecutiveFailures, nextRunAtMs } =
    connector
  return {
    status,
    account: sealed === undefined ? null : shown(openAccount(ports.ring, { tenant, id }, sealed.sealed)),
    token: sealed === undefined ? NO_TOKEN : await tokenOf(tx, ports, connector),
    lastSuccessAtMs,
    lastErrorAtMs,
    lastErrorCode,
    consecutiveFailures,
    nextRunAtMs,
    records: await records.count(tx, id),
  }
}

const NO_TOKEN = { state: 'missing', expiresAtMs: null } as const

async function tokenOf(
  tx: ScopedTx,
  ports: ConnectorGrantPorts,
  { tenant, id, status }: Connector,
): Promise<Health['token']> {
  const { refreshToken, expiresAtMs } = (await readIn(tx, ports, { tenant, id })).tokens
  const isOver = expiresAtMs !== undefined && expiresAtMs <= ports.clock.now()
  const state = isOver ? (refreshToken === undefined ? 'expired' : 'renewable') : 'valid'
  return {
    state: status === 'reconnect_needed' ? 'refused' : state,
    expiresAtMs: expiresAtMs ?? null,
  }
}

export function shown({ id, name, username }: AccountView): AccountView {
  return { id, name, ...(username !== undefined && { username }) }
}
