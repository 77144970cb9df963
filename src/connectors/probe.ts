/** Connectors that have not been synced lately are tested once a day, spread over it, so that a dead grant is found before it is needed. */
import { toNodeError } from '../errors.js'
import { connectorCare, connectors, type ScopedTx } from '../store/index.js'
import type { ConnectorGrantPorts, DueCare } from './ports.js'
import { recoverAfterTest } from './recover-after-test.js'
import { testConnector } from './test-credentials.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Plans what is not planned, puts off what was seen to work meanwhile, and gives what is due. */
export async function claimProbes(
  tx: ScopedTx,
  nowMs: number,
  limit: number,
  random: () => number = Math.random,
): Promise<readonly DueCare[]> {
  const rows = await connectorCare.lockForProbe(tx, nowMs, limit)
  const decided = rows.map((row) => ({ row, ...decide(row, nowMs, random()) }))
  await connectorCare.planProbes(
    tx,
    decided.map(({ row, atMs }) => ({ id: row.id, atMs })),
  )
  return decided
    .filter(({ isDue }) => isDue)
    .map(({ row: { id, tenant } }) => ({ id, tenant, group: tenant, connectorId: id }))
}

function decide(
  { nextProbeAtMs, probedAtMs, lastSuccessAtMs, createdAtMs }: connectorCare.ProbeFacts,
  nowMs: number,
  random: number,
): { readonly isDue: boolean; readonly atMs: number } {
  const freshUntilMs = Math.max(probedAtMs ?? 0, lastSuccessAtMs ?? 0, createdAtMs) + DAY_MS
  const later = Math.ceil(random * HOUR_MS)
  if (freshUntilMs > nowMs) return { isDue: false, atMs: freshUntilMs + later }
  // Many that are met for the first time must not be tested at the same moment.
  if (nextProbeAtMs === null) return { isDue: false, atMs: nowMs + Math.ceil(random * DAY_MS) }
  return { isDue: true, atMs: nowMs + DAY_MS + later }
}

/** @throws NodeError what is this node's to blame, such as SEAL_FAILED */
export async function probe(ports: ConnectorGrantPorts, id: string): Promise<void> {
  const { store, clock } = ports
  const connector = await store.node((tx) => connectors.get(tx, id))
  if (connector === undefined || connector.status === 'revoked') return
  const note = (errorCode: string | null): Promise<void> =>
    store.tenant(connector.tenant, (tx) => connectorCare.noteProbe(tx, id, { errorCode, nowMs: clock.now() }))
  try {
    const result = await testConnector(ports, connector, { actor: 'node', purpose: 'probe' })
    await recoverAfterTest(ports, connector, result)
    await note(result.success ? null : result.error.code)
  } catch (error) {
    await note(toNodeError(error).code)
    throw error
  }
}
