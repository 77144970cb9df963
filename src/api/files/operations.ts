/** `/api/files` and `/status` as documents and clients see them. */
import { z } from 'zod'
import type { Operations } from '../openapi/operation.js'
import {
  envelopedList,
  envelopeOf,
  idParam,
  maybeTime,
  pageOfShape,
  pageQuery,
  timestamp,
} from '../openapi/shapes.js'
import { testResult } from '../v1/shapes.js'
import { fileConnectionChangesBody, newFileConnectionBody } from './connection-json.js'

const count = z.number().int().min(0)
const text = z.string().nullable()
const syncStatus = z.enum(['pending', 'running', 'completed', 'partial', 'failed', 'interrupted'])

const connection = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    endpoint_type: z.string(),
    project_id: z.string(),
    user_id: z.string(),
    description: text,
    enabled: z.boolean(),
    status: z.enum(['pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked']),
    schedule_type: z.enum(['interval', 'cron', 'manual']),
    schedule_cron: text,
    interval_minutes: count.nullable(),
    file_types: z.array(z.string()),
    max_files_per_sync: count,
    destination: z.enum(['tables', 'vault']),
    owner_did: text,
    file_content_max_bytes: count.nullable(),
    endpoint_config: z
      .record(z.string(), z.string())
      .meta({ description: 'What was entered or told, without secrets.' }),
    tags: z.array(z.string()),
    last_sync_status: syncStatus,
    last_error_code: text,
    next_run_at: maybeTime,
    last_success_at: maybeTime,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'FileConnection' })

const file = z
  .strictObject({
    id: z.string(),
    endpoint_id: z.string(),
    external_file_id: z.string(),
    file_name: text,
    file_path: text,
    file_link: text,
    file_size: count.nullable(),
    file_type: text,
    mime_type: text,
    external_created_at: maybeTime,
    external_updated_at: maybeTime,
    sync_status: z.enum(['completed', 'deleted']),
    file_metadata: z.record(z.string(), z.unknown()),
    version: text,
    checksum: text.meta({ example: 'md5:9e107d9d372bb6826bd81d3542a419d6' }),
    deleted_at: maybeTime,
    synced_at: timestamp,
  })
  .meta({ id: 'File' })

const log = z
  .strictObject({
    id: z.string(),
    connection_id: z.string(),
    status: syncStatus.exclude(['pending', 'running']),
    started_at: timestamp,
    finished_at: timestamp,
    items_read: count,
    files_written: count,
    files_unchanged: count,
    files_deleted: count,
    files_skipped: count,
    error_code: text,
  })
  .meta({ id: 'FileSyncLog' })

const state = z
  .strictObject({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    endpoint_type: z.string(),
    enabled: z.boolean(),
    last_sync_status: syncStatus,
    token_status: z.enum(['Valid', 'Expired', 'No Token']),
    token_expires_at: maybeTime,
    total_files: count,
    total_size: count,
    latest_update: maybeTime,
    next_run_at: maybeTime,
  })
  .meta({ id: 'FileConnectionState' })

const reads = { method: 'get', tag: 'Files', proof: 'tenant', scope: 'connectors:read' } as const
const writes = { tag: 'Files', proof: 'tenant', scope: 'connectors:write' } as const
const unknown = ['CONNECTOR_UNKNOWN'] as const
const providerErrors = ['RATE_LIMITED', 'PROVIDER_CHANGED'] as const
const one = (description: string) => ({ description, body: envelopeOf(connection) })

export const fileOperations = {
  addFileConnection: {
    ...writes,
    method: 'post',
    path: '/api/files/connections',
    summary: 'Adds a connection whose files are listed; with credentials it is tested first',
    body: newFileConnectionBody,
    idempotent: true,
    answers: { 201: one('Added.') },
    errors: ['PROVIDER_NOT_CONFIGURED', 'LIMIT_REACHED', 'IDEMPOTENCY_CONFLICT', ...providerErrors],
  },
  listFileConnections: {
    ...reads,
    path: '/api/files/connections',
    summary: 'File connections, the oldest first: a person’s own, or all of an application’s tenant',
    query: pageQuery.extend({
      endpoint_type: z.string().optional(),
      tag: z.string().optional(),
      enabled: z.string().optional(),
    }),
    answers: { 200: { description: 'A page.', body: envelopedList(connection) } },
  },
  getFileConnection: {
    ...reads,
    path: '/api/files/connections/{id}',
    summary: 'One file connection',
    params: idParam,
    answers: { 200: one('The connection.') },
    errors: unknown,
  },
  updateFileConnection: {
    ...writes,
    method: 'patch',
    path: '/api/files/connections/{id}',
    summary: 'Changes what is named; other file_types read everything anew; enabled pauses and resumes',
    params: idParam,
    body: fileConnectionChangesBody,
    answers: { 200: one('Changed.') },
    errors: [...unknown, 'TOKEN_REVOKED', 'ACCOUNT_DIFFERS', ...providerErrors],
  },
  testFileConnection: {
    ...writes,
    method: 'post',
    path: '/api/files/connections/{id}/test',
    summary: 'Tests its credentials at the provider',
    params: idParam,
    idempotent: true,
    answers: { 200: { description: 'What was found.', body: envelopeOf(testResult) } },
    errors: unknown,
  },
  syncFileConnection: {
    ...writes,
    method: 'post',
    path: '/api/files/connections/{id}/sync',
    summary: 'Lists its files now',
    params: idParam,
    idempotent: true,
    answers: {
      202: { description: 'It waits or runs.', body: envelopeOf(z.strictObject({ job_id: z.string() })) },
    },
    errors: [...unknown, 'TOKEN_REVOKED'],
  },
  listFileSyncs: {
    ...reads,
    path: '/api/files/connections/{id}/logs',
    summary: 'Its runs of the last 30 days, the newest first',
    params: idParam,
    query: pageQuery,
    answers: { 200: { description: 'A page.', body: envelopedList(log) } },
    errors: unknown,
  },
  listFiles: {
    ...reads,
    scope: 'records:read',
    path: '/api/files',
    summary: 'Files, in the order of their changes',
    query: pageQuery.extend({
      connection_id: z.string().optional(),
      file_type: z.string().optional(),
      mime_type: z.string().optional(),
      name: z.string().optional().meta({ description: 'Part of it, whatever its case.' }),
      updated_since: z.string().optional(),
      include_deleted: z.string().optional(),
    }),
    answers: { 200: { description: 'A page.', body: envelopedList(file) } },
    errors: unknown,
  },
  getFileStatus: {
    ...reads,
    path: '/status',
    summary: 'Each file connection’s token, totals and next run; the operator sees all tenants’',
    query: pageQuery,
    answers: { 200: { description: 'A page.', body: pageOfShape(state) } },
  },
} as const satisfies Operations
