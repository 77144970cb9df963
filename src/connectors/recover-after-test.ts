/** What a test of kept credentials says about a connector: refused ones need a new sign-in, and ones that work again end that need. */
import { connectors, type Connector } from '../store/index.js'
import { audit } from './audit.js'
import { activate } from './change-connector.js'
import { markReconnectNeeded } from './connector-status.js'
import type { ConnectorGrantPorts } from './ports.js'
import type { TestResult } from './test-credentials.js'

export async function recoverAfterTest(
  ports: ConnectorGrantPorts,
  { id, tenant, status }: Connector,
  result: TestResult,
): Promise<void> {
  const { store, clock } = ports
  if (!result.success) {
    const isRefused = result.error.code === 'TOKEN_REVOKED'
    if (isRefused && status !== 'pending') await markReconnectNeeded(ports, { id, tenant })
    return
  }
  if (status !== 'reconnect_needed') return
  await store.tenant(tenant, async (tx) => {
    const current = await connectors.get(tx, id)
    if (current?.status !== 'reconnect_needed') return
    const nowMs = clock.now()
    await activate(tx, current, nowMs)
    await audit(tx, { tenant, actor: 'node', action: 'connector.resumed', connectorId: id, nowMs })
  })
}
