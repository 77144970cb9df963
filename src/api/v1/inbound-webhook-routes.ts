/** A connector's webhook at its service: ordered, looked at, ended. */
import { Router } from 'express'
import { reveal } from '../../lib/redacted.js'
import type { InboundWebhook, InboundWebhooks, RegisteredWebhook } from '../../webhooks/inbound/index.js'
import { time } from './connector-json.js'
import { idOf, principalOf, type ConnectorRouteDeps } from './connector-routes.js'

export interface InboundWebhookRouteDeps extends Pick<ConnectorRouteDeps, 'authenticate' | 'once'> {
  readonly inbound: InboundWebhooks
}

const PATH = '/v1/connectors/:id/webhook'

export function inboundWebhookRoutes(deps: InboundWebhookRouteDeps): Router {
  const { inbound, once } = deps
  const router = Router()
  router.post(PATH, once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const webhook = await inbound.register(caller, idOf(req))
    res.status(webhook.isNew ? 201 : 200).json(registeredJson(webhook))
  })
  router.get(PATH, async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:read')
    res.json(inboundWebhookJson(await inbound.get(caller, idOf(req))))
  })
  router.delete(PATH, async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const { removed, reason = null } = await inbound.remove(caller, idOf(req))
    res.json({ removed, reason })
  })
  return router
}

export function inboundWebhookJson(webhook: InboundWebhook): object {
  return {
    id: webhook.id,
    connector_id: webhook.connectorId,
    connector_type: webhook.provider,
    status: webhook.status,
    url: webhook.url,
    streams: webhook.streams,
    expires_at: time(webhook.expiresAtMs),
    last_delivery_at: time(webhook.lastDeliveryAtMs),
    last_error_code: webhook.lastErrorCode,
    created_at: time(webhook.createdAtMs),
  }
}

const registeredJson = (webhook: RegisteredWebhook): object => ({
  ...inboundWebhookJson(webhook),
  secret: webhook.secret === undefined ? null : reveal(webhook.secret),
  setup: webhook.setup ?? null,
})
