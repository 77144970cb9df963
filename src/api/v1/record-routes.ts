/** What was read from the outside: a tenant's records by page or as lines of JSON, and the audit log of who did what. */
import { once as onceEmitted } from 'node:events'
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import type { RecordPage } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import type { StoredRecord } from '../../store/index.js'
import { pageLimit, pageOf } from '../http/page-cursor.js'
import { optionalText } from '../http/read-input.js'
import { auditPage } from './audit-page.js'
import { time } from './connector-json.js'
import { idOf, principalOf, type ConnectorRouteDeps } from './connector-routes.js'

const EXPORT_PAGE = 500

export function recordRoutes(deps: Omit<ConnectorRouteDeps, 'once'>): Router {
  const { connectors, cursors } = deps
  const router = Router()
  router.get('/v1/connectors/:id/records', async (req, res) => {
    const caller = await principalOf(deps, req, 'records:read')
    const id = idOf(req)
    const limit = pageLimit(req.query, 50, 500)
    const filter = readFilter(req.query)
    const list = ['records', caller.tenant, id, ...Object.values(filter).map(String)]
    const afterSequence = cursors.read(list, req.query, z.number())
    const rows = await connectors.records(caller, id, { ...filter, afterSequence, limit: limit + 1 })
    const after = (sequence: number | undefined): string | null =>
      sequence === undefined ? null : cursors.write(list, sequence)
    const seen = rows.slice(0, limit).at(-1)?.sequence ?? afterSequence
    // Whoever comes back with `resume_cursor` reads only what changed since.
    res.json({
      ...pageOf(rows, limit, recordJson, ({ sequence }) => cursors.write(list, sequence)),
      resume_cursor: after(seen),
    })
  })
  router.get('/v1/connectors/:id/records/export', async (req, res) => {
    const caller = await principalOf(deps, req, 'records:read')
    const filter = readFilter(req.query)
    let afterSequence: number | undefined
    for (;;) {
      const rows = await connectors.records(caller, idOf(req), {
        ...filter,
        afterSequence,
        limit: EXPORT_PAGE,
      })
      // After the first page: a connector that is not there gets an error, not an empty file.
      if (!res.headersSent) res.set('Content-Type', 'application/x-ndjson').flushHeaders()
      if (res.destroyed) return
      const lines = rows.map((row) => `${JSON.stringify(recordJson(row))}\n`).join('')
      if (lines !== '' && !res.write(lines)) await drained(res)
      afterSequence = rows.at(-1)?.sequence
      if (rows.length < EXPORT_PAGE) break
    }
    res.end()
  })
  router.get('/v1/audit', async (req, res) => {
    const caller = await principalOf(deps, req, 'audit:read')
    res.json(await auditPage(deps, caller, req.query))
  })
  router.get('/v1/audit/verify', async (req, res) => {
    const caller = await principalOf(deps, req, 'audit:read')
    res.json(await connectors.verifyAudit(caller))
  })
  return router
}

/** Until more can be written, or nobody reads any more; leaves no listener behind. */
async function drained(res: Response): Promise<void> {
  const over = new AbortController()
  const { signal } = over
  await Promise.race(['drain', 'close'].map((name) => onceEmitted(res, name, { signal })))
  over.abort()
}

type Filter = Pick<RecordPage, 'schemaUri' | 'stream' | 'includeDeleted'>

function readFilter(query: Request['query']): Filter {
  const deleted = optionalText(query, 'include_deleted', 10)
  if (deleted !== undefined && deleted !== 'true' && deleted !== 'false')
    throw new NodeError('REQUEST_INVALID', {
      fields: [{ path: 'include_deleted', message: 'must be true or false' }],
    })
  return {
    schemaUri: optionalText(query, 'schema', 500),
    stream: optionalText(query, 'stream', 100),
    includeDeleted: deleted === 'true',
  }
}

function recordJson(row: StoredRecord): object {
  return {
    id: row.documentId,
    schema: row.schemaUri,
    stream: row.stream,
    source_id: row.sourceId,
    deleted: row.deleted,
    data: row.deleted ? null : row.data,
    created_at: time(row.createdAtMs),
    updated_at: time(row.updatedAtMs),
  }
}
