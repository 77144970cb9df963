/** What follows from a try: delivered, another one later, or the end; of the delivery, and of a webhook that nobody answers for any more. */
import {
  webhookDeliveries,
  webhooks,
  type DeliveryTurn,
  type ScopedTx,
  type Webhook,
  type WebhookAttempt,
} from '../../store/index.js'
import { auditWebhook, type WebhookPorts } from './ports.js'
import { nextTryAt } from './retry-schedule.js'

export interface Tried {
  readonly attempt: WebhookAttempt
  readonly retryAfterMs: number | undefined
}

const DAY_MS = 86_400_000
/** Of nothing but failures, until a webhook is not called any more. */
const FAILING_MS = 5 * DAY_MS
/** Whoever answers so means all of its deliveries. */
const THROTTLED: readonly number[] = [429, 503]

export async function noteTry(
  tx: ScopedTx,
  ports: WebhookPorts,
  { delivery, webhook: { id } }: DeliveryTurn,
  { attempt, retryAfterMs }: Tried,
): Promise<void> {
  const { clock, random = Math.random } = ports
  const nowMs = clock.now()
  // Removed meanwhile, and its deliveries with it.
  const webhook = await webhooks.lock(tx, id)
  if (webhook === undefined) return
  if (attempt.error === null) {
    await webhookDeliveries.endTry(tx, delivery.id, { state: 'delivered', attempt, nextTryAtMs: null, nowMs })
    if (webhook.failingSinceMs !== null) await webhooks.note(tx, id, { failingSinceMs: null })
    return
  }
  const isGone = attempt.status === 410
  const failed = { tries: delivery.tries + 1, nowMs, retryAfterMs, random: random() }
  const next = isGone ? undefined : nextTryAt(failed)
  const state = next === undefined ? 'failed' : 'waiting'
  await webhookDeliveries.endTry(tx, delivery.id, { state, attempt, nextTryAtMs: next ?? null, nowMs })
  const failingSinceMs = webhook.failingSinceMs ?? attempt.atMs
  if (isGone) return disable(tx, ports, webhook, 'gone', nowMs)
  if (nowMs - failingSinceMs >= FAILING_MS) return disable(tx, ports, webhook, 'failing', nowMs)
  const isThrottled = retryAfterMs !== undefined && THROTTLED.includes(attempt.status ?? 0)
  await webhooks.note(tx, id, {
    failingSinceMs,
    ...(isThrottled && { holdUntilMs: Math.max(nowMs + retryAfterMs, webhook.holdUntilMs ?? 0) }),
  })
}

/** What waits for it is cancelled when its turn comes. */
async function disable(
  tx: ScopedTx,
  { log }: WebhookPorts,
  { id, tenant, enabled }: Webhook,
  reason: 'gone' | 'failing',
  nowMs: number,
): Promise<void> {
  if (!enabled) return
  await webhooks.note(tx, id, {
    enabled: false,
    disabledReason: reason,
    failingSinceMs: null,
    holdUntilMs: null,
  })
  const entry = { tenant, actor: 'node', action: 'webhook.disabled', webhookId: id, nowMs } as const
  await auditWebhook(tx, { ...entry, facts: { reason } })
  log.warn('webhook.disabled', { webhookId: id, reason })
}
