/** Jobs of a tenant's connectors: what waits, what runs, what was given up, and another try of that. The operator sees those of all tenants. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import type { Jobs, JobState, ListedJob } from '../../jobs/index.js'
import { requireScope, type Scope, type TenantAuthenticator } from '../authentication/principal.js'
import { pageLimit, pageOf, type PageCursors } from '../http/page-cursor.js'
import { optionalText } from '../http/read-input.js'
import { time } from './connector-json.js'
import { idOf } from './connector-routes.js'

export interface JobRouteDeps {
  readonly jobs: Pick<Jobs, 'list' | 'redrive'>
  readonly authenticate: TenantAuthenticator
  readonly cursors: PageCursors
}

const STATES = ['waiting', 'running', 'dead'] as const
const place = z.strictObject({ createdAtMs: z.number(), id: z.uuid() })

export function jobRoutes(deps: JobRouteDeps): Router {
  const { jobs, cursors } = deps
  const router = Router()
  router.get('/v1/jobs', async (req, res) => {
    const tenant = await whose(deps, req, 'connectors:read')
    const limit = pageLimit(req.query)
    const state = readState(req.query)
    const list = ['jobs', tenant ?? '', state ?? '']
    const after = cursors.read(list, req.query, place)
    const rows = await jobs.list({ tenant, state, after, limit: limit + 1 })
    res.json(pageOf(rows, limit, jobJson, ({ createdAtMs, id }) => cursors.write(list, { createdAtMs, id })))
  })
  router.post('/v1/jobs/:id/redrive', async (req, res) => {
    const tenant = await whose(deps, req, 'connectors:write')
    const { jobId } = await jobs.redrive(idOf(req), tenant)
    res.status(202).json({ job_id: jobId })
  })
  return router
}

/** `undefined`: everybody's. An operator who names a tenant sees that one's. */
async function whose(
  { authenticate }: JobRouteDeps,
  req: Request,
  scope: Scope,
): Promise<string | undefined> {
  const principal = await authenticate(req)
  if (principal.kind === 'operator') return principal.tenant === '' ? undefined : principal.tenant
  requireScope(principal, scope)
  return principal.tenant
}

function readState(query: Request['query']): JobState | undefined {
  const text = optionalText(query, 'state', 20)
  const state = STATES.find((known) => known === text)
  if (text !== undefined && state === undefined)
    throw new NodeError('REQUEST_INVALID', {
      fields: [{ path: 'state', message: `must be one of ${STATES.join(', ')}` }],
    })
  return state
}

const jobJson = (job: ListedJob): object => ({
  id: job.id,
  tenant: job.tenant,
  kind: job.kind,
  connector_id: job.connectorId,
  state: job.state,
  attempts: job.attempts,
  error: job.errorCode,
  not_before: time(job.notBeforeMs),
  created_at: time(job.createdAtMs),
})
