/** One delivery from its bytes to its answer: proven by the provider's own scheme, taken once, and noted; all work comes later. */
import { createHash } from 'node:crypto'
import { NodeError } from '../../errors.js'
import type { Redacted } from '../../lib/redacted.js'
import type { Delivery, UsableProvider, Verdict, Webhooks } from '../../provider/index.js'
import { inboundDeliveries, inboundWebhooks, type InboundWebhookRow } from '../../store/index.js'
import type { DeliveryCounter } from './counts.js'
import { noteAccounts, noteConnector } from './note-changes.js'
import type { InboundPorts } from './ports.js'
import { openRegistration, pathHash } from './registration-box.js'

export interface Received {
  readonly provider: string
  /** The unguessable part of the address; missing at an application's endpoint. */
  readonly path?: string | undefined
  readonly delivery: Delivery
}

/** What the service is answered, exactly. */
export interface DeliveryAnswer {
  readonly status: number
  readonly type?: string
  readonly body: string
}

interface Endpoint {
  readonly use: UsableProvider
  readonly webhooks: Webhooks
  /** Of a connector's own endpoint. */
  readonly row?: InboundWebhookRow
  readonly secrets: readonly (Redacted | undefined)[]
}

const TAKEN: DeliveryAnswer = { status: 200, body: '' }
const WINDOW_MS = 5 * 60_000

/** @throws NodeError WEBHOOK_UNKNOWN, GONE, UNAUTHENTICATED, STORE_UNAVAILABLE, SEAL_FAILED */
export async function receive(
  ports: InboundPorts,
  counter: DeliveryCounter,
  received: Received,
): Promise<DeliveryAnswer> {
  const endpoint = await endpointOf(ports, received)
  if (endpoint === undefined) {
    counter.count(knownName(ports, received.provider), 'unknown')
    throw new NodeError('WEBHOOK_UNKNOWN')
  }
  const { provider } = endpoint.use
  try {
    return await answer(ports, counter, endpoint, received.delivery)
  } catch (error) {
    if (!(error instanceof NodeError) || error.status >= 500) counter.count(provider.id, 'failed')
    throw error
  }
}

async function answer(
  ports: InboundPorts,
  counter: DeliveryCounter,
  endpoint: Endpoint,
  delivery: Delivery,
): Promise<DeliveryAnswer> {
  const { use, webhooks, row } = endpoint
  const { id } = use.provider
  const nowMs = ports.clock.now()
  if ((row?.expiresAtMs ?? Infinity) <= nowMs) {
    counter.count(id, 'expired')
    throw new NodeError('GONE')
  }
  const verdict = verify(endpoint, delivery, nowMs)
  if (verdict.kind === 'refused') return refuse('refused', verdict.why)
  if (verdict.kind === 'handshake') {
    counter.count(id, 'handshake')
    return verdict
  }
  const windowMs = webhooks.replayWindowMs ?? WINDOW_MS
  if (verdict.sentAtMs !== undefined && Math.abs(nowMs - verdict.sentAtMs) > windowMs)
    return refuse('stale', 'it was not sent just now')
  const taken = await take(ports, endpoint, verdict)
  counter.count(id, taken.isNew ? 'accepted' : 'duplicate')
  counter.count(id, 'unknownAccount', taken.unknownAccounts)
  return TAKEN

  function refuse(outcome: 'refused' | 'stale', why: string): never {
    counter.count(id, outcome)
    ports.log.warn('webhook.refused', { provider: id, reason: why })
    throw new NodeError('UNAUTHENTICATED')
  }
}

/** While a secret is changed the service may sign under either. */
function verify({ use, webhooks, secrets }: Endpoint, delivery: Delivery, nowMs: number): Verdict {
  const { settings } = use
  let verdict: Verdict = { kind: 'refused', why: 'there is no secret' }
  for (const secret of secrets) {
    verdict = webhooks.verify(delivery, { settings, secret, nowMs })
    if (verdict.kind !== 'refused') break
  }
  return verdict
}

type Accepted = Extract<Verdict, { readonly kind: 'accepted' }>

async function take(
  ports: InboundPorts,
  { use: { provider }, row }: Endpoint,
  { deliveryId, events }: Accepted,
): Promise<{ readonly isNew: boolean; readonly unknownAccounts: number }> {
  const deliveryHash = createHash('sha256').update(deliveryId).digest('hex')
  const nowMs = ports.clock.now()
  return ports.store.node(async (tx) => {
    const entry = { endpoint: row?.id ?? provider.id, deliveryHash, receivedAtMs: nowMs }
    if (!(await inboundDeliveries.take(tx, entry))) return { isNew: false, unknownAccounts: 0 }
    if (row === undefined)
      return { isNew: true, unknownAccounts: await noteAccounts(tx, ports, provider.id, events) }
    await inboundWebhooks.noteDelivery(tx, row.id, nowMs)
    await noteConnector(tx, ports, row.connectorId, events)
    return { isNew: true, unknownAccounts: 0 }
  })
}

const knownName = ({ catalog }: InboundPorts, name: string): string | undefined =>
  catalog.find(({ provider: { id } }) => id === name)?.provider.id

async function endpointOf(
  ports: InboundPorts,
  { provider: name, path }: Received,
): Promise<Endpoint | undefined> {
  const { catalog, store, ring } = ports
  const entry = catalog.find(({ provider: { id } }) => id === name)
  const webhooks = entry?.provider.webhooks
  if (entry?.settings === undefined || webhooks === undefined) return undefined
  const use = { provider: entry.provider, settings: entry.settings }
  if (path === undefined)
    return webhooks.scope === 'app' ? { use, webhooks, secrets: [undefined] } : undefined
  const row = await store.node((tx) => inboundWebhooks.byPath(tx, pathHash(path)))
  if (row?.provider !== name) return undefined
  return { use, webhooks, row, secrets: openRegistration(ring, row).secrets }
}
