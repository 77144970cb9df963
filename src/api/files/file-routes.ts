/** `/files`: the list of files with filters; `/status`: each connection's token, totals and next run. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import type { FileConnectionState } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import type { FileRow } from '../../store/index.js'
import { sendList } from '../http/envelope.js'
import { pageLimit, pageOf } from '../http/page-cursor.js'
import { optionalText } from '../http/read-input.js'
import { time } from '../v1/connector-json.js'
import { fileCaller, listOf, readFlag, type FileRouteDeps } from './connection-routes.js'

const MAX_FILES = 500
const place = z.strictObject({ createdAtMs: z.number(), id: z.string() })

export function fileRoutes(deps: FileRouteDeps): Router {
  const { fileConnections, cursors, apiPrefix, authenticate } = deps
  const router = Router()
  router.get(`${apiPrefix}/files`, async (req, res) => {
    const caller = await fileCaller(deps, req, 'records:read')
    const limit = pageLimit(req.query, 50, MAX_FILES)
    const filter = readFilter(req.query)
    const list = listOf('files', caller, filter)
    const afterSequence = cursors.read(list, req.query, z.number())
    const rows = await fileConnections.files(caller, { ...filter, afterSequence, limit: limit + 1 })
    sendList(res, rows, {
      limit,
      show: fileJson,
      cursorAfter: ({ sequence }) => cursors.write(list, sequence),
    })
  })
  router.get('/status', async (req, res) => {
    const principal = await authenticate(req)
    const isAll = principal.kind === 'operator' && principal.tenant === ''
    const caller =
      principal.kind === 'operator'
        ? { ...principal, ownOnly: false }
        : await fileCaller(deps, req, 'connectors:read')
    const limit = pageLimit(req.query)
    const list = listOf('file status', caller, {})
    const after = cursors.read(list, req.query, place)
    const rows = await fileConnections.status(isAll ? undefined : caller, { after, limit: limit + 1 })
    const cursorAfter = ({ connection: { createdAtMs, id } }: FileConnectionState) =>
      cursors.write(list, { createdAtMs, id })
    res.json(pageOf(rows, limit, stateJson, cursorAfter))
  })
  return router
}

function readFilter(query: Request['query']) {
  return {
    connectionId: optionalText(query, 'connection_id', 64),
    fileType: optionalText(query, 'file_type', 100),
    mimeType: optionalText(query, 'mime_type', 200),
    name: optionalText(query, 'name', 200),
    updatedSinceMs: readTime(query, 'updated_since'),
    includeDeleted: readFlag(query, 'include_deleted') ?? false,
  }
}

function readTime(query: Request['query'], name: string): number | undefined {
  const text = optionalText(query, name, 40)
  if (text === undefined) return undefined
  const parsed = z.iso.datetime({ offset: true }).safeParse(text)
  if (parsed.success) return Date.parse(parsed.data)
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: name, message: 'must be a time, RFC 3339' }] })
}

function fileJson(file: FileRow): object {
  return {
    id: file.id,
    endpoint_id: file.endpointId,
    external_file_id: file.externalFileId,
    file_name: file.fileName,
    file_path: file.filePath,
    file_link: file.fileLink,
    file_size: file.fileSize,
    file_type: file.fileType,
    mime_type: file.mimeType,
    external_created_at: file.externalCreatedAt,
    external_updated_at: file.externalUpdatedAt,
    sync_status: file.syncStatus,
    file_metadata: file.fileMetadata,
    version: file.version,
    checksum: file.checksum,
    deleted_at: file.deletedAt,
    synced_at: file.syncedAt,
  }
}

function stateJson({ connection, tokenStatus, tokenExpiresAtMs, totals }: FileConnectionState): object {
  return {
    id: connection.id,
    tenant: connection.tenant,
    name: connection.name,
    endpoint_type: connection.endpointType,
    enabled: connection.enabled,
    last_sync_status: connection.lastSyncStatus,
    token_status: tokenStatus,
    token_expires_at: time(tokenExpiresAtMs),
    total_files: totals.totalFiles,
    total_size: totals.totalSize,
    latest_update: totals.latestUpdate,
    next_run_at: time(connection.nextRunAtMs),
  }
}
