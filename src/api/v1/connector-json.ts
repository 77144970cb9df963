/** Connectors as /v1 shows them, and the bodies it takes: names in snake case, times as RFC 3339; credentials go in and never out. */
import { z } from 'zod'
import type {
  BatchItem,
  ConnectorView,
  ConnectorWishes,
  Health,
  NewConnectorRequest,
  Removed,
  TestResult,
} from '../../connectors/index.js'
import { errorTable, type ErrorCode } from '../../errors.js'

export const fileContentMaxBytes = z.int().min(1).max(1_000_000_000).nullable().optional().meta({
  description:
    'With destination `vault`: contents of files up to this size are copied too, in chunks; `null`: none.',
})

/** Whose the records are: each needs its owner's own agreement. */
export const ownerMembers = {
  destination: z.enum(['tables', 'vault']).optional(),
  owner_did: z.string().max(100).optional(),
  owner_consent: z.string().max(4_096).optional(),
}

/** Anything beside these members is refused: status, owner and cursors are not a caller's to set. */
const wishes = {
  auth_kind: z.string().max(40).optional(),
  display_name: z.string().max(1_000).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  sync_frequency: z.string().max(200).nullable().optional(),
  streams: z.array(z.string().max(100)).max(100).nullable().optional(),
  options: z
    .strictObject({
      backfill_days: z.int().min(1).max(3_650).nullable().optional().meta({
        description:
          'How far back the first reading goes, counted from when it is asked for; `null`: to the beginning.',
      }),
      file_content_max_bytes: fileContentMaxBytes,
    })
    .optional(),
}
const type = z.string().min(1).max(64)
/** Only of a new connector. */
export const preset = z.string().max(100).optional().meta({
  description: 'A ready choice of the catalog; what the request says itself goes before it.',
})

export const newConnectorBody = z.strictObject({
  connector_type: type,
  preset,
  ...wishes,
  activate: z.boolean().optional(),
})
export const changesBody = z.strictObject(wishes)
export const testBody = z.strictObject({
  connector_type: type,
  auth_kind: wishes.auth_kind,
  config: z.record(z.string(), z.unknown()),
})

/** Only one by one. */
export const ownedConnectorBody = newConnectorBody.extend(ownerMembers)

type Changes = z.infer<typeof changesBody>

export function toWishes({
  auth_kind,
  display_name,
  config,
  sync_frequency,
  streams,
  options,
}: Changes): ConnectorWishes {
  return {
    authKind: auth_kind,
    displayName: display_name,
    config,
    syncFrequency: sync_frequency,
    streams,
    backfillDays: options?.backfill_days,
    fileContentMaxBytes: options?.file_content_max_bytes,
  }
}

export function toNewConnector(body: z.infer<typeof newConnectorBody>): NewConnectorRequest {
  return { type: body.connector_type, preset: body.preset, ...toWishes(body), activate: body.activate }
}

export const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export function connectorJson(connector: ConnectorView): object {
  return {
    id: connector.id,
    connector_type: connector.type,
    display_name: connector.displayName,
    subject: connector.subject,
    auth_kind: connector.authKind,
    fields: connector.fields,
    status: connector.status,
    destination: connector.destination,
    owner_did: connector.ownerDid,
    streams: connector.streams,
    sync_frequency: connector.syncFrequency,
    options: {
      backfill_days: connector.backfill?.days ?? null,
      file_content_max_bytes: connector.fileContentMaxBytes,
    },
    backfill_since: time(connector.backfill?.sinceMs ?? null),
    ...runsJson(connector),
    created_at: time(connector.createdAtMs),
    updated_at: time(connector.updatedAtMs),
  }
}

type Runs = Pick<
  ConnectorView,
  'nextRunAtMs' | 'lastSuccessAtMs' | 'lastErrorAtMs' | 'lastErrorCode' | 'consecutiveFailures'
>

function runsJson(runs: Runs): object {
  return {
    next_run_at: time(runs.nextRunAtMs),
    last_success_at: time(runs.lastSuccessAtMs),
    last_error_at: time(runs.lastErrorAtMs),
    last_error: lastErrorJson(runs.lastErrorCode),
    consecutive_failures: runs.consecutiveFailures,
  }
}

function lastErrorJson(code: string | null): object | null {
  if (code === null) return null
  const known = Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode] : undefined
  return { code, message: known?.public ?? code }
}

export function healthJson({
  status,
  account,
  token,
  records,
  probe,
  suspectedDeletes,
  quarantined,
  ...runs
}: Health): object {
  return {
    status,
    account,
    token: { state: token.state, expires_at: time(token.expiresAtMs) },
    ...runsJson(runs),
    last_probe: probe && { at: time(probe.atMs), error: lastErrorJson(probe.error) },
    suspected_deletes: suspectedDeletes.map(({ stream, missing, known }) => ({ stream, missing, known })),
    quarantined,
    records,
  }
}

export function testJson(result: TestResult): object {
  if (result.success) return { success: true, details: { account: result.account } }
  const { code, message, retryAfterMs } = result.error
  return {
    success: false,
    error: { code, message, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) },
  }
}

export function removedJson({
  revoked,
  reason,
  retriedUntilMs,
  erasedRecords,
  erasedSchemas,
  webhook,
}: Removed): object {
  return {
    deleted: true,
    revoked,
    revoke_error: reason ?? null,
    revoke_retried_until: time(retriedUntilMs ?? null),
    webhook: webhook === undefined ? null : { removed: webhook.removed, reason: webhook.reason ?? null },
    erased_records: erasedRecords,
    erased_schemas: erasedSchemas,
  }
}

export function batchJson<T>(
  items: readonly BatchItem<T>[],
  show: (value: T) => object,
): { readonly results: readonly object[] } {
  return {
    results: items.map((item) => {
      if (item.ok) return { index: item.index, ok: true, result: show(item.value) }
      const { code, publicMessage, fields } = item.error
      const error = { code, message: publicMessage, ...(fields !== undefined && { fields }) }
      return { index: item.index, ok: false, error }
    }),
  }
}
