/** Registrations that end by themselves are made anew before that, under a new secret; the old one ends when the new one is there. */
import type { DueTask } from '../../jobs/index.js'
import { toNodeError } from '../../errors.js'
import { connectors, inboundWebhooks, type ScopedTx } from '../../store/index.js'
import type { InboundPorts } from './ports.js'
import { webhooksOf } from './provider-call.js'
import { endAtProvider, keep, order, withMade } from './register.js'
import { newSecret, openRegistration, sealRegistration } from './registration-box.js'

const HOUR_MS = 3_600_000
const NODE = 'node'

/** One that could not be renewed comes again after an hour. */
export async function claimWebhookRenewals(
  tx: ScopedTx,
  nowMs: number,
  limit: number,
): Promise<readonly DueTask[]> {
  const due = await inboundWebhooks.claimRenewals(tx, { nowMs, againAtMs: nowMs + HOUR_MS, limit })
  return due.map(({ id, tenant, connectorId }) => ({ id, tenant, group: tenant, connectorId }))
}

/** @throws NodeError TOKEN_REVOKED, PROVIDER_DOWN, RATE_LIMITED, PROVIDER_CHANGED, SEAL_FAILED */
export async function renewWebhook(ports: InboundPorts, id: string): Promise<void> {
  const { store, ring, clock } = ports
  const before = await store.node((tx) => inboundWebhooks.get(tx, id))
  if (before === undefined || before.expiresAtMs === null) return
  const { tenant } = before
  const connector = await store.tenant(tenant, (tx) => connectors.get(tx, before.connectorId))
  if (connector === undefined || connector.status === 'revoked') return
  const old = openRegistration(ring, before)
  const kept = { ...old, secrets: [newSecret(), ...old.secrets] }
  // Kept before the service is asked: its first delivery may come before its answer.
  const row = await store.tenant(tenant, (tx) =>
    inboundWebhooks.update(tx, before, {
      registrationSealed: sealRegistration(ring, before, kept),
      updatedAtMs: clock.now(),
    }),
  )
  if (row === undefined) return
  try {
    const webhooks = webhooksOf(ports, connector)
    const made = await order(ports, { actor: NODE }, connector, { webhooks, kept, streams: row.streams })
    await keep(ports, { tenant, actor: NODE }, row, withMade(kept, made))
  } catch (thrown) {
    const error = toNodeError(thrown)
    await store.tenant(tenant, (tx) =>
      inboundWebhooks.update(tx, row, {
        // The service signs as before: secrets that it never took must not push its own out.
        registrationSealed: before.registrationSealed,
        ...(clock.now() >= (row.expiresAtMs ?? 0) && { status: 'failed' as const }),
        lastErrorCode: error.code,
        updatedAtMs: clock.now(),
      }),
    )
    throw error
  }
  // It would tell everything twice until it ends by itself; what the service says to this changes nothing.
  if (old.made !== undefined) await endAtProvider(ports, { actor: NODE }, connector, before)
}
