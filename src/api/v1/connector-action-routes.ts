/** What can be done with connectors beside keeping them: test, pause, sync, look at, and the same for many at once. */
import { Router } from 'express'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import { pageLimit } from '../http/page-cursor.js'
import { optionalText, readBody } from '../http/read-input.js'
import {
  batchJson,
  connectorJson,
  healthJson,
  newConnectorBody,
  removedJson,
  testBody,
  testJson,
  toNewConnector,
} from './connector-json.js'
import { idOf, principalOf, sendConnector, type ConnectorRouteDeps } from './connector-routes.js'

const MAX_BATCH = 50
const ids = z.array(z.string().max(64)).min(1).max(MAX_BATCH)
export const batchBody = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('create'),
    connectors: z.array(newConnectorBody).min(1).max(MAX_BATCH),
  }),
  z.strictObject({ action: z.literal('test'), ids }),
  z.strictObject({ action: z.literal('delete'), ids }),
])

export const syncBody = z.strictObject({ confirm_deletes: z.boolean().optional() })

export function connectorActionRoutes(deps: ConnectorRouteDeps): Router {
  const { connectors, once } = deps
  const router = Router()
  router.post('/v1/connectors/test', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const { connector_type: type, auth_kind: authKind, config } = readBody(testBody, req.body)
    res.json(testJson(await connectors.testConfig(caller, { type, authKind, config })))
  })
  router.post('/v1/connectors/batch', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const batch = readBody(batchBody, req.body)
    if (batch.action === 'create') {
      const made = await connectors.createMany(caller, batch.connectors.map(toNewConnector))
      res.json(batchJson(made, connectorJson))
    } else if (batch.action === 'test')
      res.json(batchJson(await connectors.testMany(caller, batch.ids), testJson))
    else res.json(batchJson(await connectors.removeMany(caller, batch.ids), removedJson))
  })
  router.post('/v1/connectors/:id/test', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    res.json(testJson(await connectors.test(caller, idOf(req))))
  })
  router.post('/v1/connectors/:id/pause', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    sendConnector(res, await connectors.pause(caller, idOf(req)))
  })
  router.post('/v1/connectors/:id/resume', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    sendConnector(res, await connectors.resume(caller, idOf(req)))
  })
  router.post('/v1/connectors/:id/sync', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const { confirm_deletes: confirmDeletes = false } = readBody(syncBody, req.body ?? {})
    const { jobId } = await connectors.syncNow(caller, idOf(req), { confirmDeletes })
    res.status(202).json({ job_id: jobId })
  })
  router.get('/v1/connectors/:id/health', async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:read')
    res.json(healthJson(await connectors.health(caller, idOf(req))))
  })
  router.get('/v1/connectors/:id/usage', async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:read')
    const from = readDay(optionalText(req.query, 'from', 20))
    const days = await connectors.usage(caller, idOf(req), from)
    const shown = days.map(({ day, calls, records, bytes, errors }) => ({
      day,
      calls,
      records,
      bytes,
      errors,
    }))
    res.json({ from, total: sumOf(shown), days: shown })
  })
  router.get('/v1/connectors/:id/preview', async (req, res) => {
    const caller = await principalOf(deps, req, 'records:read')
    const stream = optionalText(req.query, 'stream', 100)
    const limit = pageLimit(req.query, 20, 100)
    const preview = await connectors.preview(caller, idOf(req), { stream, limit })
    res.json({
      stream: preview.stream,
      schema: preview.schemaUri,
      data: preview.records,
      skipped: preview.skipped,
      set_aside: preview.setAside,
    })
  })
  return router
}

/** Default: everything that was counted. */
function readDay(text: string | undefined): string {
  if (text === undefined) return '1970-01-01'
  const day = z.iso.date().safeParse(text)
  if (day.success) return day.data
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: 'from', message: 'must be a day, YYYY-MM-DD' }] })
}

interface Used {
  readonly calls: number
  readonly records: number
  readonly bytes: number
  readonly errors: number
}

function sumOf(days: readonly Used[]): Used {
  return days.reduce(
    (sum, day) => ({
      calls: sum.calls + day.calls,
      records: sum.records + day.records,
      bytes: sum.bytes + day.bytes,
      errors: sum.errors + day.errors,
    }),
    { calls: 0, records: 0, bytes: 0, errors: 0 },
  )
}
