/** How a connector is: its last runs, its next one, and the state of its credentials, without asking the provider. */
import { isRenewable } from '../credentials/token-refresh.js'
import { toNodeError } from '../errors.js'
import {
  connectorCredentials,
  quarantine,
  records,
  syncs,
  type Connector,
  type ConnectionStatus,
  type ScopedTx,
} from '../store/index.js'
import type { SuspectedDeletes } from '../sync/index.js'
import type { ConnectorGrantPorts } from './ports.js'
import { openAccount } from './sealed-credentials.js'
import type { AccountView } from './test-credentials.js'
import { readIn } from './token-keeper.js'

/** `renewable`: it ended, and is refreshed at its next use. `unreadable`: what is sealed does not open with the keys of this node. */
export type TokenState = 'missing' | 'valid' | 'renewable' | 'expired' | 'refused' | 'unreadable'

export interface Health {
  readonly status: ConnectionStatus
  readonly account: AccountView | null
  readonly token: { readonly state: TokenState; readonly expiresAtMs: number | null }
  readonly lastSuccessAtMs: number | null
  readonly lastErrorAtMs: number | null
  readonly lastErrorCode: string | null
  readonly consecutiveFailures: number
  readonly nextRunAtMs: number | null
  /** The last test that the node made by itself; `error` is a code. */
  readonly probe: { readonly atMs: number; readonly error: string | null } | null
  /** Of the last sync: not applied until they are confirmed. */
  readonly suspectedDeletes: readonly SuspectedDeletes[]
  /** Items that did not pass, and why (paths, no values): each sync tries them again. The 20 most frequent reasons. */
  readonly quarantined: readonly {
    readonly stream: string
    readonly reason: string
    readonly items: number
  }[]
  /** Kept here, without those that were deleted at the source. */
  readonly records: number
}

export async function healthOf(
  tx: ScopedTx,
  ports: ConnectorGrantPorts,
  connector: Connector,
): Promise<Health> {
  const { id } = connector
  const sealed = await connectorCredentials.get(tx, id, 'account')
  // After a revocation the account alone is known.
  const isOpen = sealed !== undefined && (await connectorCredentials.get(tx, id, 'tokens')) !== undefined
  const { status, lastSuccessAtMs, lastErrorAtMs, lastErrorCode, consecutiveFailures, nextRunAtMs } =
    connector
  return {
    status,
    account: sealed === undefined ? null : accountOf(ports, connector, sealed.sealed),
    token: isOpen ? await tokenOf(tx, ports, connector) : NO_TOKEN,
    lastSuccessAtMs,
    lastErrorAtMs,
    lastErrorCode,
    consecutiveFailures,
    nextRunAtMs,
    probe:
      connector.probedAtMs === null ? null : { atMs: connector.probedAtMs, error: connector.probeErrorCode },
    suspectedDeletes: await suspectedOf(tx, connector),
    quarantined: await quarantine.reasons(tx, connector.connectionId, { nowMs: ports.clock.now() }),
    records: await records.count(tx, id),
  }
}

async function suspectedOf(tx: ScopedTx, { connectionId }: Connector): Promise<readonly SuspectedDeletes[]> {
  const [last] = await syncs.listByConnection(tx, connectionId, 1)
  return (last?.suspectedDeletes ?? []) as unknown as readonly SuspectedDeletes[]
}

const NO_TOKEN = { state: 'missing', expiresAtMs: null } as const

export async function tokenStateOf(
  tx: ScopedTx,
  ports: ConnectorGrantPorts,
  connector: Connector,
): Promise<Health['token']> {
  const sealed = await connectorCredentials.get(tx, connector.id, 'account')
  return sealed === undefined ? NO_TOKEN : tokenOf(tx, ports, connector)
}

async function tokenOf(
  tx: ScopedTx,
  ports: ConnectorGrantPorts,
  { tenant, id, status, type }: Connector,
): Promise<Health['token']> {
  const kept = await readIn(tx, ports, { tenant, id }).catch(ifSealed)
  if (kept === undefined) return { state: 'unreadable', expiresAtMs: null }
  const { tokens } = kept
  const { expiresAtMs } = tokens
  const provider = ports.catalog.find((entry) => entry.provider.id === type)?.provider
  const renewable = provider !== undefined && isRenewable({ provider }, tokens)
  const isOver = expiresAtMs !== undefined && expiresAtMs <= ports.clock.now()
  const state = isOver ? (renewable ? 'renewable' : 'expired') : 'valid'
  return {
    state: status === 'reconnect_needed' ? 'refused' : state,
    expiresAtMs: expiresAtMs ?? null,
  }
}

function accountOf(
  { ring }: ConnectorGrantPorts,
  { tenant, id }: Connector,
  sealed: string,
): AccountView | null {
  try {
    return shown(openAccount(ring, { tenant, id }, sealed))
  } catch (error) {
    ifSealed(error)
    return null
  }
}

/** Health is asked when something is wrong: one value that does not open must not hide the rest, or other connectors. */
function ifSealed(error: unknown): undefined {
  if (toNodeError(error).code !== 'SEAL_FAILED') throw error
  return undefined
}

export function shown({ id, name, username }: AccountView): AccountView {
  return { id, name, ...(username !== undefined && { username }) }
}
