/** What the unified surface answers, inside of its envelopes. */
import { z } from 'zod'
import { errorCode, maybeTime, timestamp } from '../openapi/shapes.js'

const jsonSchema = z.record(z.string(), z.unknown())
const count = z.number().int().min(0)

const authWay = z.strictObject({
  kind: z.string(),
  permissions: z.record(z.string(), z.string()).meta({ description: 'By scope, with the reason.' }),
  redirectUri: z.url().optional().meta({ description: 'To be registered at the provider.' }),
  signInFields: jsonSchema.optional().meta({ description: 'JSON Schema of `fields`.' }),
  fields: jsonSchema.meta({ description: 'JSON Schema of `config`.' }),
})

const limits = z.strictObject({
  maxConnections: count.optional(),
  minSyncMinutes: count.optional(),
})

const ruling = z.strictObject({
  enabled: z.boolean(),
  settings: z.record(z.string(), z.string()),
  limits,
})

export const provider = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    description: z.string(),
    category: z.string(),
    icon: z.url(),
    docsUrl: z.url(),
    regions: z.array(z.string()).meta({ description: '`global`, or countries of ISO 3166-1.' }),
    enabled: z.boolean(),
    configured: z.boolean(),
    missingSettings: z.array(z.string()),
    limits,
    auth: z.array(authWay).min(1),
    streams: z.array(
      z.strictObject({ name: z.string(), label: z.string(), schema: z.url(), incremental: z.boolean() }),
    ),
    presets: z.array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        description: z.string(),
        streams: z.array(z.string()).nullable().meta({ description: '`null`: all.' }),
        syncFrequency: z.string().nullable(),
        fields: z.record(z.string(), z.string()),
      }),
    ),
    capabilities: z.strictObject({
      containers: z.array(z.string()).meta({ description: 'Kinds.' }),
      items: z.array(z.string()).meta({ description: 'Kinds.' }),
      filters: z.array(z.enum(['container', 'kind', 'search', 'time'])),
      comments: z.boolean(),
      webhooks: z.boolean(),
    }),
    ruling: ruling.optional().meta({ description: 'For the operator.' }),
  })
  .meta({ id: 'UnifiedProvider' })

const problem = z.strictObject({ code: z.string(), message: z.string() }).nullable()

export const connection = z
  .strictObject({
    id: z.string(),
    connectorId: z.string(),
    displayName: z.string(),
    subject: z.string(),
    authKind: z.string(),
    fields: z
      .record(z.string(), z.string())
      .meta({ description: 'What was entered or told, without secrets.' }),
    destination: z.enum(['tables', 'vault']),
    status: z.enum(['pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked']),
    streams: z.array(z.string()).nullable().meta({ description: '`null`: all.' }),
    syncFrequency: z.string().nullable(),
    nextRunAt: maybeTime,
    lastSuccessAt: maybeTime,
    lastErrorAt: maybeTime,
    lastError: problem,
    consecutiveFailures: count,
    version: count,
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Connection' })

const account = z.strictObject({ id: z.string(), name: z.string(), username: z.string().optional() })
const tested = {
  valid: z.boolean(),
  account: account.nullable(),
  problem: z
    .strictObject({ code: errorCode, message: z.string(), retryAfterMs: z.number().optional() })
    .nullable(),
}
export const testResult = z.strictObject(tested)

export const probe = z.strictObject({
  enabled: z.boolean(),
  configured: z.boolean(),
  missingSettings: z.array(z.string()),
  reachable: z
    .boolean()
    .nullable()
    .meta({ description: '`null`: not set up, or each account names its server.' }),
  latencyMs: count.nullable(),
  connection: z.strictObject({ id: z.string(), ...tested }).nullable(),
})

const connected = z.strictObject({
  kind: z.literal('connected'),
  connection,
  missingPermissions: z.array(z.string()),
})
export const connectResult = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sign-in'),
    authorizeUrl: z.url().meta({ description: 'For the person’s browser.' }),
    state: z.string().optional().meta({ description: 'With `redirectUri`: comes back with the code.' }),
    binding: z.string().optional().meta({
      description:
        'With `redirectUri`: to be kept in a cookie of the person’s browser and handed in with the code.',
    }),
    expiresAt: timestamp,
    connection,
  }),
  z.strictObject({ kind: z.literal('form'), auth: authWay }),
  connected,
])
export const callbackResult = connected

export const revoked = z.strictObject({
  revoked: z.boolean().meta({ description: 'Whether the provider ended the grant, or never knew one.' }),
  reason: z.string().nullable(),
  erasedRecords: count,
  connection: connection.nullable(),
})

export const startedJob = z.strictObject({
  id: z.string(),
  connectorId: z.string(),
  connectionId: z.string(),
})
export const job = z
  .strictObject({
    id: z.string(),
    connectorId: z.string(),
    connectionId: z.string().nullable(),
    state: z.enum(['waiting', 'running', 'dead', 'done', 'failed', 'cancelled']),
    attempts: count,
    problem,
    notBefore: maybeTime,
    createdAt: timestamp,
    progress: z.looseObject({ kind: z.string(), at: timestamp }).nullable().meta({
      description: 'Of a run in the process that was asked: stage, stream, counts.',
    }),
  })
  .meta({ id: 'SyncJob' })

const webhook = z.strictObject({
  id: z.uuid(),
  connectorId: z.string(),
  connectionId: z.uuid(),
  status: z.enum(['pending', 'active', 'failed']),
  url: z.url().meta({ description: 'Where the service delivers; unguessable.' }),
  streams: z.array(z.string()),
  expiresAt: maybeTime.meta({ description: 'Renewed before it; `null`: it does not end by itself.' }),
  lastDeliveryAt: maybeTime,
  lastErrorCode: errorCode.nullable(),
  createdAt: timestamp,
})
export const connectionWebhook = webhook.meta({ id: 'ConnectionWebhook' })
export const registeredWebhook = webhook.extend({
  secret: z
    .string()
    .nullable()
    .meta({ description: 'Where it has to be entered at the service by hand; shown once.' }),
  setup: z.string().nullable().meta({ description: 'What to do there.' }),
})
export const removedWebhook = z.strictObject({
  removed: z.boolean().meta({ description: 'Whether the service has ended it, or never had one.' }),
  reason: z.string().nullable(),
})

export const plainToken = z.strictObject({
  accessToken: z.string(),
  header: z.string(),
  prefix: z.string(),
  expiresAt: maybeTime,
  scopes: z.array(z.string()).nullable(),
})

export const syncState = z.strictObject({
  streams: z.array(
    z.strictObject({
      stream: z.string(),
      partition: z.string(),
      cursor: z.json().meta({ description: '`null`: the next sync reads everything.' }),
      full: z.boolean().meta({ description: 'A reading of everything is under way.' }),
      revision: z.number(),
      updatedAt: timestamp,
    }),
  ),
})
