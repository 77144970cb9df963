/** Webhooks and jobs of /v1 as documents and clients see them. */
import { z } from 'zod'
import { EVENT_TYPES } from '../../webhooks/outbound/index.js'
import type { Operations } from '../openapi/operation.js'
import { errorCode, idParam, maybeTime, pageOfShape, pageQuery, timestamp } from '../openapi/shapes.js'
import { newWebhookBody, replayBody, webhookChangesBody } from './webhook-json.js'

const count = z.number().int().min(0)
const shownWebhook = z.strictObject({
  id: z.uuid(),
  url: z.url(),
  events: z.array(z.enum(EVENT_TYPES)),
  enabled: z.boolean(),
  disabled_reason: z.enum(['request', 'gone', 'failing']).nullable(),
  description: z.string(),
  failing_since: maybeTime,
  created_at: timestamp,
  updated_at: timestamp,
})
const webhook = shownWebhook.meta({ id: 'Webhook' })
const newWebhook = shownWebhook.extend({
  secret: z.string().meta({ description: 'Signs what is sent. Shown once.' }),
})
const rotatedWebhook = newWebhook.extend({
  old_secret_until: timestamp.meta({ description: 'Until then the one before signs too.' }),
})
const delivery = z
  .strictObject({
    id: z.uuid(),
    event: z.strictObject({ id: z.string(), type: z.string(), occurred_at: timestamp }),
    state: z.enum(['waiting', 'delivered', 'failed', 'cancelled']),
    attempts: z.array(
      z.strictObject({
        at: timestamp,
        status: count.nullable(),
        ms: count,
        error: z.string().nullable(),
      }),
    ),
    next_try_at: maybeTime,
    created_at: timestamp,
  })
  .meta({ id: 'Delivery' })
const listedJob = z
  .strictObject({
    id: z.uuid(),
    tenant: z.string(),
    kind: z.string(),
    connector_id: z.string().nullable(),
    state: z.enum(['waiting', 'running', 'dead']),
    attempts: count,
    error: errorCode.nullable(),
    not_before: timestamp,
    created_at: timestamp,
  })
  .meta({ id: 'Job' })

const inboundWebhook = z.strictObject({
  id: z.uuid(),
  connector_id: z.uuid(),
  connector_type: z.string(),
  status: z.enum(['pending', 'active', 'failed']),
  url: z.url().meta({ description: 'Where the service delivers; unguessable.' }),
  streams: z.array(z.string()),
  expires_at: maybeTime,
  last_delivery_at: maybeTime,
  last_error_code: errorCode.nullable(),
  created_at: timestamp,
})
const registeredWebhook = inboundWebhook.extend({
  secret: z
    .string()
    .nullable()
    .meta({ description: 'Where it has to be entered at the service by hand; shown once.' }),
  setup: z.string().nullable(),
})
const ordered = {
  tag: 'Webhooks',
  proof: 'tenant',
  path: '/v1/connectors/{id}/webhook',
  params: idParam,
} as const

const reads = { method: 'get', tag: 'Webhooks', proof: 'tenant', scope: 'webhooks:read' } as const
const writes = { tag: 'Webhooks', proof: 'tenant', scope: 'webhooks:write' } as const
const fromProvider = ['PROVIDER_DOWN', 'RATE_LIMITED', 'PROVIDER_CHANGED', 'SCOPE_MISSING'] as const
const unknown = ['WEBHOOK_UNKNOWN'] as const
const ok = <T extends z.ZodType>(body: T, description: string) => ({ 200: { description, body } })
const taken = <T extends z.ZodType>(body: T, description: string) => ({ 202: { description, body } })

export const webhookOperations = {
  registerWebhook: {
    ...ordered,
    scope: 'connectors:write',
    method: 'post',
    summary: 'Lets the service tell the node of changes; the one that is there is given',
    idempotent: true,
    answers: {
      200: { description: 'It is there already.', body: registeredWebhook },
      201: { description: 'Registered.', body: registeredWebhook },
    },
    errors: [
      'CONNECTOR_UNKNOWN',
      'CAPABILITY_MISSING',
      'PROVIDER_DISABLED',
      'TOKEN_REVOKED',
      'WRITE_CONFLICT',
      ...fromProvider,
    ],
  },
  getConnectorWebhook: {
    ...ordered,
    scope: 'connectors:read',
    method: 'get',
    summary: 'The webhook of a connector at its service',
    answers: ok(inboundWebhook.meta({ id: 'InboundWebhook' }), 'The webhook.'),
    errors: ['CONNECTOR_UNKNOWN', 'WEBHOOK_UNKNOWN'],
  },
  removeConnectorWebhook: {
    ...ordered,
    scope: 'connectors:write',
    method: 'delete',
    summary: 'Ends it: its address is refused from now on, whatever the service says',
    answers: ok(z.strictObject({ removed: z.boolean(), reason: z.string().nullable() }), 'Ended here.'),
    errors: ['CONNECTOR_UNKNOWN', 'WEBHOOK_UNKNOWN'],
  },
  createWebhook: {
    ...writes,
    method: 'post',
    path: '/v1/webhooks',
    summary: 'Makes a webhook (Standard Webhooks 1.0); its secret is shown once',
    body: newWebhookBody,
    idempotent: true,
    answers: { 201: { description: 'Made.', body: newWebhook } },
    errors: ['LIMIT_REACHED', 'IDEMPOTENCY_CONFLICT'],
  },
  listWebhooks: {
    ...reads,
    path: '/v1/webhooks',
    summary: 'The tenant’s webhooks, the oldest first',
    query: pageQuery,
    answers: ok(pageOfShape(webhook), 'A page.'),
  },
  getWebhook: {
    ...reads,
    path: '/v1/webhooks/{id}',
    summary: 'One webhook',
    params: idParam,
    answers: ok(webhook, 'The webhook; its version is the ETag.'),
    errors: unknown,
  },
  updateWebhook: {
    ...writes,
    method: 'put',
    path: '/v1/webhooks/{id}',
    summary: 'Changes what is named; the rest stays',
    params: idParam,
    body: webhookChangesBody,
    versioned: true,
    answers: ok(webhook, 'Changed.'),
    errors: [...unknown, 'PRECONDITION_FAILED'],
  },
  patchWebhook: {
    ...writes,
    method: 'patch',
    path: '/v1/webhooks/{id}',
    summary: 'The same as PUT',
    params: idParam,
    body: webhookChangesBody,
    versioned: true,
    answers: ok(webhook, 'Changed.'),
    errors: [...unknown, 'PRECONDITION_FAILED'],
  },
  deleteWebhook: {
    ...writes,
    method: 'delete',
    path: '/v1/webhooks/{id}',
    summary: 'Ends a webhook, with its log',
    params: idParam,
    answers: { 204: { description: 'Ended.', type: 'none' } },
    errors: unknown,
  },
  rotateWebhookSecret: {
    ...writes,
    method: 'post',
    path: '/v1/webhooks/{id}/rotate',
    summary: 'A new secret; the old one signs beside it for a day',
    params: idParam,
    idempotent: true,
    answers: ok(rotatedWebhook, 'The new secret, shown once.'),
    errors: unknown,
  },
  testWebhook: {
    ...writes,
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    summary: 'Sends the event webhook.test',
    params: idParam,
    idempotent: true,
    answers: taken(delivery, 'On its way.'),
    errors: unknown,
  },
  listDeliveries: {
    ...reads,
    path: '/v1/webhooks/{id}/deliveries',
    summary: 'What became of each event, the newest first; kept for 30 days',
    params: idParam,
    query: pageQuery.extend({ state: z.string().optional() }),
    answers: ok(pageOfShape(delivery), 'A page.'),
    errors: unknown,
  },
  replayDelivery: {
    ...writes,
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
    summary: 'Tells an event again',
    params: idParam.extend({ deliveryId: z.string() }),
    idempotent: true,
    answers: taken(delivery, 'On its way.'),
    errors: [...unknown, 'DELIVERY_UNKNOWN'],
  },
  replayWebhook: {
    ...writes,
    method: 'post',
    path: '/v1/webhooks/{id}/replay',
    summary: 'Tells all events since a time again, 1,000 at most',
    params: idParam,
    body: replayBody,
    idempotent: true,
    answers: taken(
      z.strictObject({ replayed: count, more: z.boolean(), through: maybeTime }),
      'On their way.',
    ),
    errors: unknown,
  },
  listJobs: {
    ...reads,
    tag: 'Connectors',
    scope: 'connectors:read',
    path: '/v1/jobs',
    summary: 'What waits, runs, or was given up; the operator sees all tenants’',
    query: pageQuery.extend({ state: z.string().optional() }),
    answers: ok(pageOfShape(listedJob), 'A page.'),
  },
  redriveJob: {
    ...writes,
    tag: 'Connectors',
    scope: 'connectors:write',
    method: 'post',
    path: '/v1/jobs/{id}/redrive',
    summary: 'Another try of a job that was given up',
    params: idParam,
    answers: taken(z.strictObject({ job_id: z.string() }), 'Queued.'),
    errors: ['JOB_UNKNOWN'],
  },
} as const satisfies Operations
