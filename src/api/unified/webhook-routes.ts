/** The webhook of a connection at its service: subscribed, looked at, ended. */
import type { Request, Router } from 'express'
import { reveal } from '../../lib/redacted.js'
import type { InboundWebhook, RegisteredWebhook } from '../../webhooks/inbound/index.js'
import type { Scope } from '../authentication/principal.js'
import { sendEnvelope } from '../http/envelope.js'
import { readBody } from '../http/read-input.js'
import { connectionIdBody } from './bodies.js'
import { callerOf, connectionOf, entryOf, queriedConnection, type UnifiedDeps } from './deps.js'
import { time } from './unified-json.js'

export function addWebhookRoutes(router: Router, deps: UnifiedDeps): void {
  const { apiPrefix, inbound, once } = deps
  const address = `${apiPrefix}/connectors/:id/webhooks`
  const asked = async (req: Request, scope: Scope, connectionId: (req: Request) => string) => {
    const caller = await callerOf(deps, req, scope)
    const entry = entryOf(deps, req)
    const { id } = await connectionOf(deps, caller, entry, connectionId(req))
    return { caller, id }
  }
  router.post(address, once('connectors:write'), async (req, res) => {
    const { caller, id } = await asked(req, 'connectors:write', namedConnection)
    const webhook = await inbound.register(caller, id)
    sendEnvelope(res, registeredJson(webhook), { status: webhook.isNew ? 201 : 200 })
  })
  router.get(address, async (req, res) => {
    const { caller, id } = await asked(req, 'connectors:read', ({ query }) => queriedConnection(query))
    sendEnvelope(res, subscriptionJson(await inbound.get(caller, id)))
  })
  router.delete(address, async (req, res) => {
    const { caller, id } = await asked(req, 'connectors:write', endedConnection)
    const { removed, reason = null } = await inbound.remove(caller, id)
    sendEnvelope(res, { removed, reason })
  })
}

const namedConnection = ({ body }: Request): string => readBody(connectionIdBody, body).connectionId

/** By the body, or by `?connectionId=`: not every proxy lets the body of a DELETE pass (RFC 9110 9.3.5). */
const endedConnection = (req: Request): string =>
  req.query['connectionId'] === undefined ? namedConnection(req) : queriedConnection(req.query)

const subscriptionJson = (webhook: InboundWebhook): object => ({
  id: webhook.id,
  connectorId: webhook.provider,
  connectionId: webhook.connectorId,
  status: webhook.status,
  url: webhook.url,
  streams: webhook.streams,
  expiresAt: time(webhook.expiresAtMs),
  lastDeliveryAt: time(webhook.lastDeliveryAtMs),
  lastErrorCode: webhook.lastErrorCode,
  createdAt: time(webhook.createdAtMs),
})

const registeredJson = (webhook: RegisteredWebhook): object => ({
  ...subscriptionJson(webhook),
  secret: webhook.secret === undefined ? null : reveal(webhook.secret),
  setup: webhook.setup ?? null,
})
