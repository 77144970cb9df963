/** Connections: a tenant's accounts at all providers; listed, made or changed, given credentials, tested, revoked. */
import type { Router } from 'express'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import { sendEnvelope, sendList } from '../http/envelope.js'
import { pageLimit } from '../http/page-cursor.js'
import { optionalText, readBody } from '../http/read-input.js'
import { connectionBody, connectionIdBody, revokeBody, tokenBody } from './bodies.js'
import { callerOf, invalid, type UnifiedDeps } from './deps.js'
import { revokedJson } from './revoked-json.js'
import { connectionJson, testJson } from './unified-json.js'

const STATUSES = ['pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked'] as const
const place = z.strictObject({ createdAtMs: z.number(), id: z.string() })

export function addConnectionRoutes(router: Router, deps: UnifiedDeps): void {
  const { apiPrefix, connectors, cursors, once } = deps
  const address = `${apiPrefix}/connections`
  router.get(address, async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:read')
    const limit = pageLimit(req.query)
    const type = optionalText(req.query, 'connectorId', 64)
    const subject = optionalText(req.query, 'subject', 200)
    const asked = optionalText(req.query, 'status', 40)
    const status = STATUSES.find((known) => known === asked)
    if (asked !== undefined && status === undefined)
      throw invalid('status', `must be one of ${STATUSES.join(', ')}`)
    const list = ['connections', caller.tenant, type ?? '', subject ?? '', status ?? '']
    const after = cursors.read(list, req.query, place)
    const rows = await connectors.list(caller, { type, subject, status, after, limit: limit + 1 })
    sendList(res, rows, {
      limit,
      show: connectionJson,
      cursorAfter: ({ createdAtMs, id }) => cursors.write(list, { createdAtMs, id }),
    })
  })
  router.post(address, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const { id, connectorId, activate, ...wishes } = readBody(connectionBody, req.body)
    if (id === undefined) {
      if (connectorId === undefined) throw invalid('connectorId', 'is needed for a new connection')
      const made = await connectors.create(caller, { type: connectorId, ...wishes, activate })
      return sendEnvelope(res, connectionJson(made), { status: 201 })
    }
    const { type } = await connectors.get(caller, id)
    if (connectorId !== undefined && connectorId !== type)
      throw invalid('connectorId', 'is another than that of the connection')
    if (activate !== undefined) throw invalid('activate', 'is for a new connection')
    sendEnvelope(res, connectionJson(await connectors.update(caller, id, wishes)))
  })
  router.post(`${address}/token`, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const { connectionId, ...credentials } = readBody(tokenBody, req.body)
    sendEnvelope(res, connectionJson(await connectors.update(caller, connectionId, credentials)))
  })
  router.post(`${address}/validate`, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const { connectionId } = readBody(connectionIdBody, req.body)
    sendEnvelope(res, testJson(await connectors.test(caller, connectionId)))
  })
  router.post(`${address}/revoke`, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const { connectionId: id, erase = false } = readBody(revokeBody, req.body)
    sendEnvelope(res, await revokedJson(connectors, caller, { id, erase }))
  })
}

/** Only for machines that were given a scope of its own; on nodes that allow it at all. */
export function addTokenRoute(router: Router, deps: UnifiedDeps): void {
  if (!deps.allowTokenRead) return
  router.get(`${deps.apiPrefix}/connections/:id/token`, async (req, res) => {
    const caller = await callerOf(deps, req, 'credentials:read')
    if (caller.kind !== 'service') throw new NodeError('FORBIDDEN', { detail: 'a service token is needed' })
    const { accessToken, header, prefix, expiresAtMs, scopes } = await deps.connectors.accessToken(
      caller,
      req.params['id'],
    )
    const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString()
    sendEnvelope(res, { accessToken, header, prefix, expiresAt, scopes })
  })
}
