/** `/files/connections`: made, listed, read, changed, tested, synced, and the log of their runs. */
import { Router, type Request, type RequestHandler } from 'express'
import { z } from 'zod'
import type { FileCaller, FileConnections } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import type { SyncLog } from '../../store/index.js'
import type { Scope, TenantAuthenticator } from '../authentication/principal.js'
import { sendEnvelope, sendList } from '../http/envelope.js'
import { pageLimit, type PageCursors } from '../http/page-cursor.js'
import { optionalText, readBody } from '../http/read-input.js'
import { testJson, time } from '../v1/connector-json.js'
import { idOf, ownerOf, principalOf, type ConsentDeps } from '../v1/connector-routes.js'
import {
  bySeedNames,
  fileConnectionChangesBody,
  fileConnectionJson,
  newFileConnectionBody,
  toFileWishes,
  toNewFileConnection,
} from './connection-json.js'

export interface FileRouteDeps {
  readonly fileConnections: FileConnections
  readonly authenticate: TenantAuthenticator
  readonly cursors: PageCursors
  /** API_PREFIX. */
  readonly apiPrefix: string
}

const place = z.strictObject({ createdAtMs: z.number(), id: z.string() })
const logPlace = z.strictObject({ startedAtMs: z.number(), id: z.string() })

export function fileConnectionRoutes(
  deps: FileRouteDeps & ConsentDeps & { readonly once: (scope: Scope) => RequestHandler },
): Router {
  const { fileConnections, cursors, once, apiPrefix } = deps
  const at = `${apiPrefix}/files/connections`
  const router = Router()
  router.post(at, once('connectors:write'), async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:write')
    const body = readBody(newFileConnectionBody, req.body)
    const type = body.endpoint_type.replaceAll('_', '-')
    const ownerDid = await ownerOf(deps, caller, { ...body, type })
    const made = await bySeedNames(body, () =>
      fileConnections.add(caller, toNewFileConnection(body, ownerDid)),
    )
    const isWaiting = made.status === 'pending'
    const message = isWaiting
      ? `Connect the account: POST /v1/oauth/${made.endpointType.replaceAll('_', '-')}/authorize with this id as connector_id.`
      : undefined
    res.location(`${at}/${made.id}`)
    sendEnvelope(res, fileConnectionJson(made), { status: 201, ...(message !== undefined && { message }) })
  })
  router.get(at, async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:read')
    const limit = pageLimit(req.query)
    const filter = readFilter(req.query)
    const list = listOf('file connections', caller, filter)
    const after = cursors.read(list, req.query, place)
    const rows = await fileConnections.list(caller, { ...filter, after, limit: limit + 1 })
    const cursorAfter = ({ createdAtMs, id }: z.infer<typeof place>) =>
      cursors.write(list, { createdAtMs, id })
    sendList(res, rows, { limit, show: fileConnectionJson, cursorAfter })
  })
  router.get(`${at}/:id`, async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:read')
    sendEnvelope(res, fileConnectionJson(await fileConnections.get(caller, idOf(req))))
  })
  router.patch(`${at}/:id`, async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:write')
    const body = readBody(fileConnectionChangesBody, req.body)
    const changed = await bySeedNames(body, () =>
      fileConnections.update(caller, idOf(req), toFileWishes(body)),
    )
    sendEnvelope(res, fileConnectionJson(changed))
  })
  router.post(`${at}/:id/test`, once('connectors:write'), async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:write')
    sendEnvelope(res, testJson(await fileConnections.test(caller, idOf(req))))
  })
  router.post(`${at}/:id/sync`, once('connectors:write'), async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:write')
    const { jobId } = await fileConnections.sync(caller, idOf(req))
    sendEnvelope(res, { job_id: jobId }, { status: 202 })
  })
  router.get(`${at}/:id/logs`, async (req, res) => {
    const caller = await fileCaller(deps, req, 'connectors:read')
    const limit = pageLimit(req.query)
    const list = ['file logs', caller.tenant, idOf(req)]
    const before = cursors.read(list, req.query, logPlace)
    const rows = await fileConnections.logs(caller, idOf(req), { before, limit: limit + 1 })
    const cursorAfter = ({ startedAtMs, id }: SyncLog) => cursors.write(list, { startedAtMs, id })
    sendList(res, rows, { limit, show: logJson, cursorAfter })
  })
  return router
}

/** @throws NodeError UNAUTHENTICATED, FORBIDDEN */
export async function fileCaller(
  deps: Pick<FileRouteDeps, 'authenticate'>,
  req: Request,
  scope: Scope,
): Promise<FileCaller> {
  const principal = await principalOf(deps, req, scope)
  return { ...principal, ownOnly: principal.kind === 'jwt' }
}

/** What a cursor belongs to. */
export const listOf = (name: string, { tenant, subject, ownOnly }: FileCaller, filter: object): string[] => [
  name,
  tenant,
  ownOnly ? `of ${subject}` : '',
  JSON.stringify(filter),
]

function readFilter(query: Request['query']) {
  return {
    endpointType: optionalText(query, 'endpoint_type', 64)?.replaceAll('-', '_'),
    tag: optionalText(query, 'tag', 64),
    enabled: readFlag(query, 'enabled'),
  }
}

/** @throws NodeError REQUEST_INVALID */
export function readFlag(query: Request['query'], name: string): boolean | undefined {
  const text = optionalText(query, name, 10)
  if (text === undefined) return undefined
  if (text === 'true' || text === 'false') return text === 'true'
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: name, message: 'must be true or false' }] })
}

function logJson(log: SyncLog): object {
  return {
    id: log.id,
    connection_id: log.connectorId,
    status: log.status,
    started_at: time(log.startedAtMs),
    finished_at: time(log.finishedAtMs),
    items_read: log.itemsRead,
    files_written: log.filesWritten,
    files_unchanged: log.filesUnchanged,
    files_deleted: log.filesDeleted,
    files_skipped: log.filesSkipped,
    error_code: log.errorCode,
  }
}
