/** Webhooks and their log as /v1 shows them, and the bodies it takes. A secret is in the answer that makes it, and in no other. */
import { z } from 'zod'
import { reveal, type Redacted } from '../../lib/redacted.js'
import type { Delivery, Webhook, WebhookAttempt } from '../../store/index.js'
import { EVENT_TYPES, type WebhookWishes } from '../../webhooks/outbound/index.js'
import { time } from './connector-json.js'

const events = z
  .array(z.enum(EVENT_TYPES))
  .min(1)
  .refine((types) => new Set(types).size === types.length, 'names one twice')
const wishes = {
  events: events.optional(),
  enabled: z.boolean().optional(),
  description: z
    .string()
    .max(500)
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must be on one line')
    .optional(),
}
const url = z.string().min(1).max(2_000)

export const newWebhookBody = z.strictObject({ url, ...wishes })
export const webhookChangesBody = z.strictObject({ url: url.optional(), ...wishes })
export const replayBody = z.strictObject({
  since: z.iso.datetime({ offset: true }),
  missed_only: z.boolean().optional(),
})

export const toWebhookWishes = (body: z.infer<typeof webhookChangesBody>): WebhookWishes => body

export function webhookJson(webhook: Webhook): object {
  return {
    id: webhook.id,
    url: webhook.url,
    events: webhook.events,
    enabled: webhook.enabled,
    disabled_reason: webhook.disabledReason,
    description: webhook.description,
    failing_since: time(webhook.failingSinceMs),
    created_at: time(webhook.createdAtMs),
    updated_at: time(webhook.updatedAtMs),
  }
}

export const secretJson = (webhook: Webhook, secret: Redacted): object => ({
  ...webhookJson(webhook),
  secret: reveal(secret),
})

export function deliveryJson(delivery: Delivery): object {
  return {
    id: delivery.id,
    event: { id: delivery.eventId, type: delivery.type, occurred_at: time(delivery.eventAtMs) },
    state: delivery.state,
    attempts: delivery.attempts.map(attemptJson),
    next_try_at: time(delivery.nextTryAtMs),
    created_at: time(delivery.createdAtMs),
  }
}

const attemptJson = ({ atMs, status, ms, error }: WebhookAttempt): object => ({
  at: time(atMs),
  status,
  ms,
  error,
})
