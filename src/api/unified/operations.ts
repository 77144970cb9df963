/** The unified surface as documents and clients see it; its place is API_PREFIX. */
import { z } from 'zod'
import type { Operations } from '../openapi/operation.js'
import { envelopedList, envelopeOf, idParam, pageQuery } from '../openapi/shapes.js'
import * as bodies from './bodies.js'
import { comment, container, item } from './browse-shapes.js'
import * as shapes from './shapes.js'

const ok = <T extends z.ZodType>(data: T, description: string) => ({
  200: { description, body: envelopeOf(data) },
})
const listOf = <T extends z.ZodType>(one: T) => ({
  200: { description: 'A page.', body: envelopedList(one) },
})
const providerParam = z.object({ id: z.string().meta({ example: 'sandbox' }) })
const jobParam = providerParam.extend({ jobId: z.string() })

const reads = { method: 'get', tag: 'Unified', proof: 'tenant', scope: 'connectors:read' } as const
const posts = { method: 'post', tag: 'Unified', proof: 'tenant', scope: 'connectors:write' } as const
const unknown = ['PROVIDER_UNKNOWN', 'CONNECTOR_UNKNOWN'] as const
const repeated = ['IDEMPOTENCY_CONFLICT'] as const
const atProvider = [
  'PROVIDER_NOT_CONFIGURED',
  'PROVIDER_DISABLED',
  'TOKEN_REVOKED',
  'SCOPE_MISSING',
  'RATE_LIMITED',
  'PROVIDER_CHANGED',
] as const

const browsed = {
  ...reads,
  scope: 'records:read',
  params: providerParam,
  errors: [...unknown, 'CAPABILITY_MISSING', ...atProvider],
} as const
const live = pageQuery.extend({
  connectionId: z.string(),
  fields: z.string().optional().meta({ description: 'Members to show, separated by commas.' }),
  raw: z.string().optional().meta({ description: '`true`: also what the service sent.' }),
})

export const unifiedOperations = {
  listProvidersUnified: {
    ...reads,
    path: '/api/connectors',
    summary: 'Every provider of this node, with its forms, streams and capabilities',
    query: z.object({ category: z.string().optional() }),
    answers: listOf(shapes.provider),
  },
  getProvider: {
    ...reads,
    path: '/api/connectors/{id}',
    summary: 'One provider; the operator also sees what he decided about it',
    params: providerParam,
    answers: ok(shapes.provider, 'The provider.'),
    errors: ['PROVIDER_UNKNOWN'],
  },
  ruleProvider: {
    method: 'patch',
    tag: 'Unified',
    proof: 'operator',
    path: '/api/connectors/{id}',
    summary: 'Switches a provider off or on, and changes its settings and limits',
    params: providerParam,
    body: bodies.rulingBody,
    answers: ok(shapes.provider, 'Changed; in other processes within seconds.'),
    errors: ['PROVIDER_UNKNOWN'],
  },
  probeProvider: {
    ...posts,
    path: '/api/connectors/{id}/probe',
    summary: 'Whether a provider is set up and answers; and whether a connection opens its account',
    params: providerParam,
    body: bodies.probeBody,
    idempotent: true,
    answers: ok(shapes.probe, 'What was found.'),
    errors: [...unknown, ...repeated, 'PROVIDER_NOT_CONFIGURED'],
  },
  connectAccount: {
    ...posts,
    path: '/api/connectors/{id}/connect',
    summary: 'Begins a sign-in, tells the form to fill in, or connects with what is given',
    params: providerParam,
    body: bodies.connectBody,
    idempotent: true,
    answers: ok(shapes.connectResult, 'What comes next, or the connection.'),
    errors: [...unknown, ...repeated, 'REDIRECT_REFUSED', 'LIMIT_REACHED', ...atProvider],
  },
  completeConnect: {
    ...posts,
    path: '/api/connectors/{id}/connect/callback',
    summary: 'Ends a sign-in at the application’s own page with its code; or takes the credentials',
    params: providerParam,
    body: bodies.callbackBody,
    idempotent: true,
    answers: ok(shapes.callbackResult, 'Connected.'),
    errors: [
      ...unknown,
      ...repeated,
      'STATE_UNKNOWN',
      'STATE_EXPIRED',
      'CONSENT_DENIED',
      'CODE_REJECTED',
      'ACCOUNT_DIFFERS',
      'LIMIT_REACHED',
      ...atProvider,
    ],
  },
  validateAccount: {
    ...posts,
    path: '/api/connectors/{id}/validate',
    summary: 'Tests a connection, or credentials before anything is kept',
    params: providerParam,
    body: bodies.validateBody,
    idempotent: true,
    answers: ok(shapes.testResult, 'What came of it.'),
    errors: [...unknown, ...repeated, 'PROVIDER_NOT_CONFIGURED', 'PROVIDER_DISABLED'],
  },
  revokeAccount: {
    ...posts,
    path: '/api/connectors/{id}/revoke',
    summary: 'Ends the grant at the provider and erases the credentials; with `erase` everything',
    params: providerParam,
    body: bodies.revokeBody,
    idempotent: true,
    answers: ok(shapes.revoked, 'Both ends are told.'),
    errors: [...unknown, ...repeated, 'RATE_LIMITED'],
  },
  startJob: {
    ...posts,
    path: '/api/connectors/{id}/jobs',
    summary: 'Starts a sync; the one that waits or runs already is given',
    params: providerParam,
    body: bodies.jobBody,
    idempotent: true,
    answers: { 202: { description: 'Queued.', body: envelopeOf(shapes.startedJob) } },
    errors: [
      ...unknown,
      ...repeated,
      'TOKEN_REVOKED',
      'PROVIDER_DISABLED',
      'PROVIDER_NOT_CONFIGURED',
      'WRITE_CONFLICT',
    ],
  },
  listProviderJobs: {
    ...reads,
    path: '/api/connectors/{id}/jobs',
    summary: 'Syncs that wait, run or were given up, the newest first',
    params: providerParam,
    query: pageQuery.extend({ connectionId: z.string().optional() }),
    answers: listOf(shapes.job),
    errors: unknown,
  },
  getJob: {
    ...reads,
    path: '/api/connectors/{id}/jobs/{jobId}',
    summary: 'One sync, for an hour after its end too',
    params: jobParam,
    answers: ok(shapes.job, 'The job.'),
    errors: ['PROVIDER_UNKNOWN', 'JOB_UNKNOWN'],
  },
  cancelJob: {
    ...posts,
    method: 'delete',
    path: '/api/connectors/{id}/jobs/{jobId}',
    summary: 'Cancels a sync that waits or runs; what it has read stays',
    params: jobParam,
    answers: ok(shapes.job, 'As it is now.'),
    errors: ['PROVIDER_UNKNOWN', 'JOB_UNKNOWN'],
  },
  listContainers: {
    ...browsed,
    path: '/api/connectors/{id}/containers',
    summary: 'Folders, calendars, projects of an account, read live',
    query: live.extend({ parentId: z.string().optional() }),
    answers: listOf(container),
  },
  listItems: {
    ...browsed,
    path: '/api/connectors/{id}/items',
    summary: 'Files, events, issues, orders, contacts of an account, read live',
    query: live.extend({
      containerId: z.string().optional(),
      kind: z.string().optional(),
      search: z.string().optional(),
      since: z.string().optional().meta({ description: 'RFC 3339.' }),
      until: z.string().optional().meta({ description: 'RFC 3339; before this time.' }),
    }),
    answers: listOf(item),
  },
  listComments: {
    ...browsed,
    path: '/api/connectors/{id}/comments',
    summary: 'Comments and notes of an item, read live',
    query: live.extend({ itemId: z.string(), containerId: z.string().optional() }),
    answers: listOf(comment),
  },
  subscribeWebhook: {
    ...posts,
    path: '/api/connectors/{id}/webhooks',
    summary: 'Lets the service tell the node of a connection’s changes; the webhook that is there is given',
    params: providerParam,
    body: bodies.connectionIdBody,
    idempotent: true,
    answers: {
      200: { description: 'It is there already.', body: envelopeOf(shapes.registeredWebhook) },
      201: { description: 'Registered.', body: envelopeOf(shapes.registeredWebhook) },
    },
    errors: [...unknown, ...repeated, 'CAPABILITY_MISSING', 'WRITE_CONFLICT', 'PROVIDER_DOWN', ...atProvider],
  },
  getSubscription: {
    ...reads,
    path: '/api/connectors/{id}/webhooks',
    summary: 'The webhook of a connection at its service',
    params: providerParam,
    query: z.object({ connectionId: z.string() }),
    answers: ok(shapes.connectionWebhook, 'The webhook.'),
    errors: [...unknown, 'WEBHOOK_UNKNOWN'],
  },
  unsubscribeWebhook: {
    ...posts,
    method: 'delete',
    path: '/api/connectors/{id}/webhooks',
    summary: 'Ends it: its address is refused from now on, whatever the service says',
    params: providerParam,
    query: z.object({
      connectionId: z
        .string()
        .optional()
        .meta({ description: 'In the place of the body, which not every proxy lets pass.' }),
    }),
    body: bodies.connectionIdBody.optional(),
    answers: ok(shapes.removedWebhook, 'Ended here; and what the service said to that.'),
    errors: [...unknown, 'WEBHOOK_UNKNOWN'],
  },
  listConnections: {
    ...reads,
    path: '/api/connections',
    summary: 'The tenant’s connections, the oldest first',
    query: pageQuery.extend({
      connectorId: z.string().optional(),
      status: z.string().optional(),
      subject: z.string().optional(),
    }),
    answers: listOf(shapes.connection),
  },
  saveConnection: {
    ...posts,
    path: '/api/connections',
    summary: 'Makes a connection, or changes the one that `id` names',
    body: bodies.connectionBody,
    idempotent: true,
    answers: {
      200: { description: 'Changed.', body: envelopeOf(shapes.connection) },
      201: { description: 'Made.', body: envelopeOf(shapes.connection) },
    },
    errors: ['CONNECTOR_UNKNOWN', 'LIMIT_REACHED', ...repeated, ...atProvider],
  },
  saveToken: {
    ...posts,
    path: '/api/connections/token',
    summary: 'Gives a connection new credentials, tested first',
    body: bodies.tokenBody,
    idempotent: true,
    answers: ok(shapes.connection, 'The connection.'),
    errors: ['CONNECTOR_UNKNOWN', ...repeated, ...atProvider],
  },
  validateConnection: {
    ...posts,
    path: '/api/connections/validate',
    summary: 'Tests a connection',
    body: bodies.connectionIdBody,
    idempotent: true,
    answers: ok(shapes.testResult, 'What came of it.'),
    errors: ['CONNECTOR_UNKNOWN', ...repeated, 'PROVIDER_NOT_CONFIGURED'],
  },
  revokeConnection: {
    ...posts,
    path: '/api/connections/revoke',
    summary: 'Ends the grant at the provider and erases the credentials; with `erase` everything',
    body: bodies.revokeBody,
    idempotent: true,
    answers: ok(shapes.revoked, 'Both ends are told.'),
    errors: ['CONNECTOR_UNKNOWN', ...repeated, 'RATE_LIMITED'],
  },
  readConnectionToken: {
    ...reads,
    scope: 'credentials:read',
    path: '/api/connections/{id}/token',
    summary: 'The access token in plain text; off unless ALLOW_TOKEN_READ, for service tokens, audited',
    params: idParam,
    answers: ok(shapes.plainToken, 'The token, refreshed when it was about to end.'),
    errors: ['CONNECTOR_UNKNOWN', 'ROUTE_UNKNOWN', ...atProvider],
  },
  getSyncState: {
    ...reads,
    scope: 'records:read',
    path: '/api/connections/{id}/sync-state',
    summary: 'The cursor of each stream and partition',
    params: idParam,
    answers: ok(shapes.syncState, 'The state.'),
    errors: ['CONNECTOR_UNKNOWN'],
  },
  setSyncState: {
    ...posts,
    path: '/api/connections/{id}/sync-state',
    summary: 'Sets the cursor of a stream; refused while a sync runs',
    params: idParam,
    body: bodies.syncStateBody,
    idempotent: true,
    answers: ok(shapes.syncState, 'The state.'),
    errors: ['CONNECTOR_UNKNOWN', 'WRITE_CONFLICT', 'PROVIDER_NOT_CONFIGURED', ...repeated],
  },
} as const satisfies Operations
