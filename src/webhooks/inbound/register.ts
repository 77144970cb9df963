/** A connector's webhook at its service: ordered with an address and a secret of its own, and ended. */
import { randomUUID } from 'node:crypto'
import type { Caller } from '../../connectors/index.js'
import { NodeError, toNodeError } from '../../errors.js'
import { enabledProvider, type Registration, type Webhooks } from '../../provider/index.js'
import {
  auditLog,
  connectors,
  inboundWebhooks,
  type Connector,
  type InboundWebhookRow,
  type ScopedTx,
} from '../../store/index.js'
import type { InboundPorts } from './ports.js'
import { atProvider, webhooksOf } from './provider-call.js'
import {
  newPath,
  newSecret,
  openRegistration,
  pathHash,
  sealRegistration,
  type KeptRegistration,
} from './registration-box.js'
import {
  addressOf,
  viewOf,
  type InboundWebhook,
  type RegisteredWebhook,
  type RemovedWebhook,
} from './view.js'

/** A registration that was begun so long ago was left by a process that died. */
const BEGUN_MS = 2 * 60_000
const HOUR_MS = 3_600_000
const MOST_AHEAD_MS = 24 * HOUR_MS

/**
 * One a connector: the one that is there is given.
 * @throws NodeError CONNECTOR_UNKNOWN, TOKEN_REVOKED, PROVIDER_DISABLED, CAPABILITY_MISSING, WRITE_CONFLICT, PROVIDER_DOWN,
 * RATE_LIMITED, PROVIDER_CHANGED, SCOPE_MISSING
 */
export async function registerWebhook(
  ports: InboundPorts,
  caller: Caller,
  connectorId: string,
): Promise<RegisteredWebhook> {
  const connector = await connectedOne(ports, caller, connectorId)
  enabledProvider(ports.catalog, connector.type, connector.authKind)
  const webhooks = webhooksOf(ports, connector)
  if (webhooks.scope === 'app')
    throw new NodeError('CAPABILITY_MISSING', {
      detail:
        `its webhooks are set up once for all accounts, by the operator. ${webhooks.setup ?? ''}`.trim(),
    })
  const streams = webhooks.streams.filter((name) => connector.streams?.includes(name) ?? true)
  if (streams.length === 0)
    throw new NodeError('CAPABILITY_MISSING', {
      detail: `it tells of changes of ${webhooks.streams.join(', ')} only`,
    })
  const { row, isBegun } = await begin(ports, caller, connector, streams)
  if (!isBegun) return { ...viewOf(ports, row), isNew: false }
  const kept = openRegistration(ports.ring, row)
  if (webhooks.register === undefined) {
    const active = await keep(ports, caller, row, kept)
    const [secret] = kept.secrets
    const { setup } = webhooks
    return {
      ...viewOf(ports, active),
      isNew: true,
      ...(secret && { secret }),
      ...(setup !== undefined && { setup }),
    }
  }
  try {
    const made = await order(ports, caller, connector, { webhooks, kept, streams })
    return { ...viewOf(ports, await keep(ports, caller, row, withMade(kept, made))), isNew: true }
  } catch (error) {
    await ports.store.tenant(caller.tenant, (tx) => inboundWebhooks.remove(tx, row.id))
    throw error
  }
}

async function connectedOne(
  { store }: InboundPorts,
  { tenant }: Caller,
  connectorId: string,
): Promise<Connector> {
  const connector = await store.tenant(tenant, (tx) => connectors.get(tx, connectorId))
  if (connector === undefined || connector.status === 'revoked') throw new NodeError('CONNECTOR_UNKNOWN')
  if (connector.status === 'pending' || connector.status === 'reconnect_needed')
    throw new NodeError('TOKEN_REVOKED', { detail: `the connector is ${connector.status}` })
  return connector
}

/** Before the service is asked: its first delivery may come before its answer. */
async function begin(
  { store, ring, clock }: InboundPorts,
  { tenant }: Caller,
  { id: connectorId, type: provider }: Connector,
  streams: readonly string[],
): Promise<{ readonly row: InboundWebhookRow; readonly isBegun: boolean }> {
  const id = randomUUID()
  const kept = { path: newPath(), secrets: [newSecret()] }
  const nowMs = clock.now()
  return store.tenant(tenant, async (tx) => {
    const before = await inboundWebhooks.ofConnector(tx, connectorId)
    if (before?.status === 'active') return { row: before, isBegun: false }
    if (before?.status === 'pending' && before.updatedAtMs > nowMs - BEGUN_MS)
      throw new NodeError('WRITE_CONFLICT', { detail: 'it is being registered', retryAfterMs: 5_000 })
    if (before !== undefined) await inboundWebhooks.remove(tx, before.id)
    const row = await inboundWebhooks.create(tx, {
      id,
      tenant,
      connectorId,
      provider,
      pathHash: pathHash(kept.path),
      registrationSealed: sealRegistration(ring, { id, tenant }, kept),
      streams,
      status: 'pending',
      expiresAtMs: null,
      renewAtMs: null,
      lastErrorCode: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })
    if (row === undefined) throw new NodeError('WRITE_CONFLICT', { detail: 'it is being registered' })
    return { row, isBegun: true }
  })
}

export interface Order {
  readonly webhooks: Webhooks
  readonly kept: KeptRegistration
  readonly streams: readonly string[]
}

/** Asks the service for it, under the newest secret. */
export function order(
  ports: InboundPorts,
  caller: Pick<Caller, 'actor'>,
  connector: Connector,
  { webhooks, kept, streams }: Order,
): Promise<Registration> {
  const url = addressOf(ports.publicUrl, connector.type, kept.path)
  const [secret = newSecret()] = kept.secrets
  return atProvider(ports, caller, connector, async (http, context) => {
    if (webhooks.register === undefined)
      throw new NodeError('CAPABILITY_MISSING', { detail: 'it is set up at the service by hand' })
    return webhooks.register(http, { url, secret, streams }, context)
  })
}

/** The service's own secret takes the place of the one that it was offered. */
export function withMade(kept: KeptRegistration, made: Registration): KeptRegistration {
  const [, ...older] = kept.secrets
  return made.secret === undefined ? { ...kept, made } : { ...kept, secrets: [made.secret, ...older], made }
}

/** Keeps what the service made. @throws NodeError CONNECTOR_UNKNOWN: it was deleted meanwhile */
export async function keep(
  { store, ring, clock }: InboundPorts,
  { tenant, actor }: Pick<Caller, 'tenant' | 'actor'>,
  row: InboundWebhookRow,
  kept: KeptRegistration,
): Promise<InboundWebhookRow> {
  const nowMs = clock.now()
  const expiresAtMs = kept.made?.expiresAtMs ?? null
  return store.tenant(tenant, async (tx) => {
    const active = await inboundWebhooks.update(tx, row, {
      registrationSealed: sealRegistration(ring, row, kept),
      status: 'active',
      expiresAtMs,
      renewAtMs: expiresAtMs === null ? null : renewalOf(nowMs, expiresAtMs),
      lastErrorCode: null,
      updatedAtMs: nowMs,
    })
    if (active === undefined) throw new NodeError('CONNECTOR_UNKNOWN', { detail: 'it was deleted meanwhile' })
    await note(tx, { tenant, actor, action: 'connector.webhook_registered', row: active, nowMs })
    return active
  })
}

/** A day before its end, or at three quarters of a shorter life. */
const renewalOf = (nowMs: number, expiresAtMs: number): number =>
  Math.floor(expiresAtMs - Math.min(MOST_AHEAD_MS, (expiresAtMs - nowMs) / 4))

/** @throws NodeError CONNECTOR_UNKNOWN, WEBHOOK_UNKNOWN */
export async function readWebhook(
  ports: InboundPorts,
  { tenant }: Caller,
  connectorId: string,
): Promise<InboundWebhook> {
  const { row } = await found(ports, tenant, connectorId)
  return viewOf(ports, row)
}

/** Its address is refused from now on, whatever the service says. @throws NodeError CONNECTOR_UNKNOWN, WEBHOOK_UNKNOWN */
export async function removeWebhook(
  ports: InboundPorts,
  caller: Caller,
  connectorId: string,
): Promise<RemovedWebhook> {
  const { store, clock } = ports
  const { tenant, actor } = caller
  const { row, connector } = await found(ports, tenant, connectorId)
  const end = await endAtProvider(ports, caller, connector, row)
  await store.tenant(tenant, async (tx) => {
    await inboundWebhooks.remove(tx, row.id)
    await note(tx, {
      tenant,
      actor,
      action: 'connector.webhook_removed',
      row,
      facts: end,
      nowMs: clock.now(),
    })
  })
  return end
}

async function found(
  { store }: InboundPorts,
  tenant: string,
  connectorId: string,
): Promise<{ readonly row: InboundWebhookRow; readonly connector: Connector }> {
  return store.tenant(tenant, async (tx) => {
    const connector = await connectors.get(tx, connectorId)
    if (connector === undefined) throw new NodeError('CONNECTOR_UNKNOWN')
    const row = await inboundWebhooks.ofConnector(tx, connectorId)
    if (row === undefined) throw new NodeError('WEBHOOK_UNKNOWN')
    return { row, connector }
  })
}

/** What is to end with a connector; `undefined`: it had none. Never throws for the service's sake. */
export async function endWebhook(
  ports: InboundPorts,
  caller: Pick<Caller, 'actor'>,
  connector: Connector,
): Promise<RemovedWebhook | undefined> {
  const row = await ports.store.tenant(connector.tenant, (tx) =>
    inboundWebhooks.ofConnector(tx, connector.id),
  )
  return row && endAtProvider(ports, caller, connector, row)
}

export async function endAtProvider(
  ports: InboundPorts,
  caller: Pick<Caller, 'actor'>,
  connector: Connector,
  row: InboundWebhookRow,
): Promise<RemovedWebhook> {
  try {
    const { made } = openRegistration(ports.ring, row)
    if (made === undefined) return { removed: row.status !== 'active', ...manual(row) }
    const webhooks = webhooksOf(ports, connector)
    if (webhooks.remove === undefined)
      return { removed: false, reason: 'the service cannot be asked to end it' }
    await atProvider(ports, caller, connector, async (http, context) =>
      webhooks.remove?.(http, made, context),
    )
    return { removed: true }
  } catch (thrown) {
    const error = toNodeError(thrown)
    ports.log.warn('webhook.remove_failed', { provider: connector.type, error })
    return { removed: false, reason: error.code }
  }
}

const manual = ({ status }: InboundWebhookRow): { readonly reason?: string } =>
  status === 'active' ? { reason: 'it was set up at the service by hand' } : {}

interface WebhookNote {
  readonly tenant: string
  readonly actor: string
  readonly action: 'connector.webhook_registered' | 'connector.webhook_removed'
  readonly row: InboundWebhookRow
  readonly facts?: RemovedWebhook
  readonly nowMs: number
}

async function note(tx: ScopedTx, { tenant, actor, action, row, facts, nowMs }: WebhookNote): Promise<void> {
  await auditLog.append(tx, {
    tenant,
    actor,
    action,
    subject: `connector:${row.connectorId}`,
    facts: { provider: row.provider, streams: row.streams, ...facts },
    nowMs,
  })
}
