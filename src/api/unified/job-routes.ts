/** Syncs of a provider's connections as jobs: started, listed, followed, cancelled. */
import type { Request, Router } from 'express'
import { z } from 'zod'
import type { Caller } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import type { FoundJob } from '../../jobs/index.js'
import type { CatalogEntry } from '../../provider/index.js'
import { sendEnvelope, sendList } from '../http/envelope.js'
import { pageLimit } from '../http/page-cursor.js'
import { optionalText, readBody } from '../http/read-input.js'
import { jobBody } from './bodies.js'
import { callerOf, connectionOf, entryOf, type UnifiedDeps } from './deps.js'
import { jobJson } from './unified-json.js'

const place = z.strictObject({ createdAtMs: z.number(), id: z.uuid() })
/** More connections of one provider than a tenant has by default. */
const MOST_CONNECTIONS = 1_000

export function addJobRoutes(router: Router, deps: UnifiedDeps): void {
  const { apiPrefix, connectors, jobs, cursors, once } = deps
  const address = `${apiPrefix}/connectors/:id/jobs`
  router.post(address, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const entry = entryOf(deps, req)
    const { connectionId, confirmDeletes = false } = readBody(jobBody, req.body)
    const { id } = await connectionOf(deps, caller, entry, connectionId)
    const { jobId } = await connectors.syncNow(caller, id, { confirmDeletes })
    sendEnvelope(res, { id: jobId, connectorId: entry.provider.id, connectionId: id }, { status: 202 })
  })
  router.get(address, async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:read')
    const entry = entryOf(deps, req)
    const { provider } = entry
    const limit = pageLimit(req.query)
    const connectionId = optionalText(req.query, 'connectionId', 64)
    const list = ['unified jobs', caller.tenant, provider.id, connectionId ?? '']
    const after = cursors.read(list, req.query, place)
    const connectorIds = await connectionIds(deps, caller, entry, connectionId)
    const rows = await jobs.list({ tenant: caller.tenant, connectorIds, after, limit: limit + 1 })
    sendList(res, rows, {
      limit,
      show: (job) => jobJson(job, provider.id, jobs.progressOf(job.connectorId ?? '')),
      cursorAfter: ({ createdAtMs, id }) => cursors.write(list, { createdAtMs, id }),
    })
  })
  router.get(`${address}/:jobId`, async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:read')
    const entry = entryOf(deps, req)
    const job = await jobOf(deps, caller, entry, req)
    sendEnvelope(res, jobJson(job, entry.provider.id, jobs.progressOf(job.connectorId ?? '')))
  })
  router.delete(`${address}/:jobId`, async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const entry = entryOf(deps, req)
    const job = await jobOf(deps, caller, entry, req)
    const isLive = job.state === 'waiting' || job.state === 'running'
    // One live job a connection: it is this one.
    if (isLive && job.connectorId !== null) await jobs.unschedule(job.connectorId)
    sendEnvelope(
      res,
      jobJson(isLive ? await jobs.find(job.id, caller.tenant) : job, entry.provider.id, undefined),
    )
  })
}

/** @throws NodeError JOB_UNKNOWN: never there, another tenant's, of another provider, or forgotten */
async function jobOf(
  deps: UnifiedDeps,
  caller: Caller,
  entry: CatalogEntry,
  { params }: Request,
): Promise<FoundJob> {
  const job = await deps.jobs.find(String(params['jobId']), caller.tenant)
  const connection = await deps.connectors.get(caller, job.connectorId ?? '').catch((error: unknown) => {
    throw new NodeError('JOB_UNKNOWN', { cause: error })
  })
  if (connection.type !== entry.provider.id) throw new NodeError('JOB_UNKNOWN')
  return job
}

async function connectionIds(
  deps: UnifiedDeps,
  caller: Caller,
  entry: CatalogEntry,
  connectionId: string | undefined,
): Promise<readonly string[]> {
  if (connectionId !== undefined) return [(await connectionOf(deps, caller, entry, connectionId)).id]
  const page = { type: entry.provider.id, limit: MOST_CONNECTIONS }
  return (await deps.connectors.list(caller, page)).map(({ id }) => id)
}
