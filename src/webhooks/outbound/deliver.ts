/** One try to deliver an event to a webhook, from its turn to what is noted of it. A process that dies in between leaves it waiting: it is sent again with the same id. */
import { toNodeError } from '../../errors.js'
import { sendNotice, type NoticeEnd } from '../../outbound/index.js'
import { webhookDeliveries, type DeliveryTurn, type DueDelivery } from '../../store/index.js'
import { noteTry, type Tried } from './note-try.js'
import type { WebhookPorts } from './ports.js'
import { receiverAt } from './receiver-address.js'
import { openSecrets } from './sealed-secrets.js'
import { signedHeaders } from './signature.js'

/** The specification: 15 to 30 s. */
const TIME_MS = 15_000

/** @throws the signal's reason; NodeError STORE_UNAVAILABLE */
export async function deliver(
  ports: WebhookPorts,
  due: Pick<DueDelivery, 'id' | 'tenant'>,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = ports
  const turn = await store.tenant(due.tenant, (tx) => webhookDeliveries.turn(tx, due.id))
  if (turn === undefined) return
  const putOff = putOffUntil(turn, clock.now())
  if (putOff !== undefined) {
    const end = { ...putOff, nowMs: clock.now() }
    await store.tenant(due.tenant, (tx) => webhookDeliveries.endTry(tx, due.id, end))
    return
  }
  const tried = await tryOnce(ports, turn, signal)
  await store.tenant(due.tenant, (tx) => noteTry(tx, ports, turn, tried))
}

/** Why there is no try now: nobody listens any more, or it is too early. */
function putOffUntil({ webhook, delivery }: DeliveryTurn, nowMs: number) {
  if (!webhook.enabled) return { state: 'cancelled', nextTryAtMs: null } as const
  const untilMs = Math.max(delivery.nextTryAtMs ?? 0, webhook.holdUntilMs ?? 0)
  return untilMs > nowMs ? ({ state: 'waiting', nextTryAtMs: untilMs } as const) : undefined
}

async function tryOnce(ports: WebhookPorts, turn: DeliveryTurn, signal: AbortSignal): Promise<Tried> {
  const { clock } = ports
  const atMs = clock.now()
  const startedMs = performance.now()
  const end = await send(ports, turn, { atMs, signal })
  const ms = Math.round(performance.now() - startedMs)
  const status = end.kind === 'answered' ? end.status : null
  const isDelivered = status !== null && status >= 200 && status <= 299
  const error = isDelivered ? null : end.kind === 'answered' ? 'STATUS' : end.reason
  return {
    attempt: { atMs, status, ms, error },
    retryAfterMs: end.kind === 'answered' ? end.retryAfterMs : undefined,
  }
}

type Sent = NoticeEnd | { readonly kind: 'unanswered'; readonly reason: 'SEAL_FAILED' }

async function send(
  { ring, network, allowOrigins, timeMs = TIME_MS }: WebhookPorts,
  { delivery, webhook }: DeliveryTurn,
  { atMs, signal }: { readonly atMs: number; readonly signal: AbortSignal },
): Promise<Sent> {
  // Checked again: the operator may have taken an origin back.
  const receiver = receiverAt(webhook.url, allowOrigins)
  if (typeof receiver === 'string') return { kind: 'unanswered', reason: 'ADDRESS_REFUSED' }
  const { eventId: id, payload: body } = delivery
  let headers: Readonly<Record<string, string>>
  try {
    const secrets = openSecrets(ring, webhook, atMs).map(({ secret }) => secret)
    headers = signedHeaders(secrets, { id, timestamp: Math.floor(atMs / 1_000), payload: body })
  } catch (error) {
    if (toNodeError(error).code !== 'SEAL_FAILED') throw error
    return { kind: 'unanswered', reason: 'SEAL_FAILED' }
  }
  const fixed = { 'content-type': 'application/json', 'user-agent': 'connector-node' }
  const notice = { ...receiver, headers: { ...fixed, ...headers }, body }
  return sendNotice(notice, { network, timeMs, nowMs: atMs, signal })
}
