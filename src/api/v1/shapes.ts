/** What /v1 answers, as schemas: documents and clients are made of them, and tests hold every answer against them. */
import { z } from 'zod'
import { errorCode, maybeTime, pageOfShape, timestamp } from '../openapi/shapes.js'

const count = z.number().int().min(0)

/** A JSON Schema; drawn as a form or checked by a validator. */
const jsonSchema = z.record(z.string(), z.unknown())

const authWay = z.looseObject({
  kind: z.string(),
  permissions: z.record(z.string(), z.string()),
  fields: jsonSchema,
  sign_in_fields: jsonSchema.optional(),
})

export const catalogEntry = z
  .looseObject({
    id: z.string(),
    label: z.string(),
    description: z.string(),
    category: z.string(),
    icon: z.url(),
    homepage_url: z.url(),
    docs_url: z.url(),
    regions: z.array(z.string()).meta({ description: '`global`, or countries of ISO 3166-1.' }),
    status: z.enum(['available', 'not_configured', 'disabled']),
    missing_settings: z.array(z.string()),
    usable_auth: z
      .array(z.string())
      .meta({ description: 'Kinds of `auth` by which accounts can be connected as things are.' }),
    auth: z.array(authWay).min(1),
    streams: z.array(z.looseObject({ name: z.string(), label: z.string(), schema: z.url() })),
    presets: z.array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        description: z.string(),
        streams: z.array(z.string()),
        sync_frequency: z.string().nullable(),
        fields: z.record(z.string(), z.string()).meta({ description: 'Of the form; none is a secret.' }),
      }),
    ),
  })
  .meta({ id: 'CatalogEntry' })

export const catalog = z.strictObject({
  data: z.array(catalogEntry),
  categories: z.array(z.strictObject({ id: z.string(), label: z.string(), types: z.array(z.string()) })),
  sync_frequencies: z.array(z.unknown()),
})

const lastError = z.strictObject({ code: z.string(), message: z.string() }).nullable()
const runs = {
  next_run_at: maybeTime,
  last_success_at: maybeTime,
  last_error_at: maybeTime,
  last_error: lastError,
  consecutive_failures: count,
}

export const connector = z
  .looseObject({
    id: z.string(),
    connector_type: z.string(),
    display_name: z.string(),
    subject: z.string(),
    auth_kind: z.string(),
    fields: z
      .record(z.string(), z.string())
      .meta({ description: 'What was entered or told, without secrets.' }),
    destination: z.enum(['tables', 'vault']),
    owner_did: z.string().nullable(),
    status: z.enum(['pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked']),
    streams: z.array(z.string()).nullable().meta({ description: '`null`: all.' }),
    sync_frequency: z.string().nullable(),
    options: z.strictObject({
      backfill_days: z.int().nullable(),
      file_content_max_bytes: z.int().nullable(),
    }),
    backfill_since: maybeTime.meta({ description: 'Nothing older is asked for; `null`: everything is.' }),
    ...runs,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Connector' })

export const connectorList = pageOfShape(connector)

export const removed = z
  .looseObject({
    deleted: z.literal(true),
    revoked: z.boolean().meta({ description: 'Whether the provider ended the grant.' }),
    revoke_error: z.string().nullable(),
    webhook: z
      .strictObject({ removed: z.boolean(), reason: z.string().nullable() })
      .nullable()
      .meta({ description: 'How its service took the end of its webhook; `null`: it had none.' }),
    erased_records: count,
    erased_schemas: z.array(z.string()),
  })
  .meta({ id: 'Removed' })

const account = z.strictObject({ id: z.string(), name: z.string(), username: z.string().optional() })

export const testResult = z
  .discriminatedUnion('success', [
    z.strictObject({ success: z.literal(true), details: z.strictObject({ account }) }),
    z.strictObject({
      success: z.literal(false),
      error: z.strictObject({ code: errorCode, message: z.string(), retry_after_ms: z.number().optional() }),
    }),
  ])
  .meta({ id: 'TestResult' })

export const health = z
  .strictObject({
    status: z.string(),
    account: account.nullable(),
    token: z.strictObject({
      state: z.enum(['missing', 'valid', 'renewable', 'expired', 'refused', 'unreadable']),
      expires_at: maybeTime,
    }),
    ...runs,
    last_probe: z
      .strictObject({ at: z.iso.datetime(), error: lastError })
      .nullable()
      .meta({ description: 'The last test that the node made by itself.' }),
    suspected_deletes: z
      .array(z.strictObject({ stream: z.string(), missing: count, known: count }))
      .meta({ description: 'Of the last sync: applied when one with `confirm_deletes` is asked for.' }),
    quarantined: z.array(z.strictObject({ stream: z.string(), reason: z.string(), items: count })).meta({
      description:
        'Items that did not pass, by their most frequent reasons. Each sync tries them again; they are erased after 30 days.',
    }),
    records: count,
  })
  .meta({ id: 'Health' })

const used = { calls: count, records: count, bytes: count, errors: count }
export const usage = z.strictObject({
  from: z.iso.date(),
  total: z.strictObject(used),
  days: z.array(z.strictObject({ day: z.iso.date(), ...used })),
})

export const preview = z.strictObject({
  stream: z.string(),
  schema: z.url(),
  data: z.array(z.record(z.string(), z.unknown())),
  skipped: z.record(z.string(), count),
  set_aside: count,
})

export const job = z.looseObject({ job_id: z.string() })

const batchItem = z.union([
  z.strictObject({ index: count, ok: z.literal(true), result: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    index: count,
    ok: z.literal(false),
    error: z.looseObject({ code: errorCode, message: z.string() }),
  }),
])
export const batch = z.strictObject({ results: z.array(batchItem) })

export const authorization = z.strictObject({
  authorize_url: z.url(),
  expires_at: timestamp,
  connector,
})

export const connected = z.strictObject({
  status: z.literal('connected'),
  connector_id: z.string(),
  missing_permissions: z.array(z.string()),
})

const record = z
  .strictObject({
    id: z.string(),
    schema: z.url(),
    stream: z.string(),
    source_id: z.string(),
    deleted: z.boolean(),
    data: z.record(z.string(), z.unknown()).nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Record' })

export const recordList = pageOfShape(record).extend({
  resume_cursor: z
    .string()
    .nullable()
    .meta({ description: 'Whoever comes back with it reads only what changed since.' }),
})

export const auditList = pageOfShape(
  z.looseObject({
    id: z.number().int(),
    at: timestamp,
    actor: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    facts: z.record(z.string(), z.unknown()),
    position: z.number().int().meta({ description: 'Counted from 1, without gaps.' }),
    address: z.string().nullable().meta({ description: 'Of who asked; `null`: the node’s own work.' }),
    request_id: z.string().nullable(),
    hash: z.string().meta({ description: 'SHA-256 over the hash before and this row.' }),
  }),
)

export const auditVerdict = z.strictObject({
  valid: z.boolean(),
  rows: count,
  head: z.strictObject({ position: count, hash: z.string() }).nullable().meta({
    description: 'Where the chain ends. Keep it elsewhere: it proves that the log was not written anew.',
  }),
  faults: z.array(
    z.strictObject({
      kind: z.enum(['changed', 'removed', 'headless']),
      position: count,
      id: count.optional(),
    }),
  ),
})

export const serviceToken = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: timestamp,
    expires_at: maybeTime,
    last_used_at: maybeTime,
    revoked_at: maybeTime,
  })
  .meta({ id: 'ServiceToken' })

export const newServiceToken = serviceToken.extend({
  token: z.string().meta({ description: 'Shown once.' }),
})

export const tenant = z
  .strictObject({ id: z.string(), name: z.string(), created_at: timestamp })
  .meta({ id: 'Tenant' })
