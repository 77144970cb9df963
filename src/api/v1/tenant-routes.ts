/** Tenants, for the operator: made, listed, looked at. What tenants keep here is not shown to him. */
import { Router, type Request } from 'express'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import type { Clock } from '../../lib/clock.js'
import { auditLog, tenants, type Store, type Tenant } from '../../store/index.js'
import {
  isTenantId,
  requireOperator,
  type Principal,
  type TenantAuthenticator,
} from '../authentication/principal.js'
import { pageLimit, pageOf, type PageCursors } from '../http/page-cursor.js'
import { readBody } from '../http/read-input.js'
import { printableText } from './printable-text.js'

export interface TenantRouteDeps {
  readonly store: Store
  readonly clock: Clock
  readonly authenticate: TenantAuthenticator
  readonly cursors: PageCursors
}

const LIST = ['tenants']

export const newTenant = z.strictObject({
  id: z.string().refine(isTenantId, 'must be 1 to 100 letters, digits, dots, dashes and underscores'),
  name: printableText(200),
})

export function tenantRoutes(deps: TenantRouteDeps): Router {
  const { store, cursors } = deps
  const router = Router()
  router.post('/v1/tenants', async (req, res) => {
    const operator = await operatorOf(deps, req)
    const tenant = await createTenant(deps, operator, readBody(newTenant, req.body))
    res.status(201).location(`/v1/tenants/${tenant.id}`).json(asJson(tenant))
  })
  router.get('/v1/tenants', async (req, res) => {
    await operatorOf(deps, req)
    const limit = pageLimit(req.query)
    const afterId = cursors.read(LIST, req.query, z.string())
    const rows = await store.node((tx) => tenants.list(tx, { afterId, limit: limit + 1 }))
    res.json(pageOf(rows, limit, asJson, ({ id }) => cursors.write(LIST, id)))
  })
  router.get('/v1/tenants/:id', async (req, res) => {
    await operatorOf(deps, req)
    const id = req.params['id']
    const row = isTenantId(id) ? await store.node((tx) => tenants.get(tx, id)) : undefined
    if (row === undefined) throw new NodeError('TENANT_UNKNOWN')
    res.json(asJson(row))
  })
  return router
}

async function operatorOf({ authenticate }: TenantRouteDeps, req: Request): Promise<Principal> {
  const principal = await authenticate(req)
  requireOperator(principal)
  return principal
}

/** @throws NodeError REQUEST_INVALID when there is one of this id */
async function createTenant(
  { store, clock }: TenantRouteDeps,
  { actor }: Principal,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<Tenant> {
  const nowMs = clock.now()
  return store.node(async (tx) => {
    const tenant = await tenants.create(tx, { id, name, nowMs })
    if (tenant === undefined) throw taken()
    await auditLog.append(tx, {
      tenant: id,
      nowMs,
      actor,
      action: 'tenant.created',
      subject: id,
      facts: { name },
    })
    return tenant
  })
}

function taken(): NodeError {
  return new NodeError('REQUEST_INVALID', { fields: [{ path: 'id', message: 'is taken' }] })
}

function asJson({ id, name, createdAtMs }: Tenant): object {
  return { id, name, created_at: new Date(createdAtMs).toISOString() }
}
