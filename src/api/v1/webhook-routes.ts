/** A tenant's webhooks: made, listed, read, changed, given a new secret, deleted. */
import { Router, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import type { Webhook } from '../../store/index.js'
import type { Webhooks } from '../../webhooks/outbound/index.js'
import { pageLimit, pageOf } from '../http/page-cursor.js'
import { readBody } from '../http/read-input.js'
import { versionTag, withExpectedVersion } from '../http/version-tag.js'
import { time } from './connector-json.js'
import { idOf, principalOf, type ConnectorRouteDeps } from './connector-routes.js'
import {
  newWebhookBody,
  secretJson,
  toWebhookWishes,
  webhookChangesBody,
  webhookJson,
} from './webhook-json.js'

export interface WebhookRouteDeps extends Omit<ConnectorRouteDeps, 'connectors'> {
  readonly webhooks: Webhooks
}

export const place = z.strictObject({ createdAtMs: z.number(), id: z.string() })

export function webhookRoutes(deps: WebhookRouteDeps): Router {
  const { webhooks, cursors, once } = deps
  const router = Router()
  router.post('/v1/webhooks', once('webhooks:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    const { webhook, secret } = await webhooks.create(caller, readBody(newWebhookBody, req.body))
    res.status(201).location(`/v1/webhooks/${webhook.id}`).set('ETag', versionTag(webhook.version))
    res.json(secretJson(webhook, secret))
  })
  router.get('/v1/webhooks', async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:read')
    const limit = pageLimit(req.query)
    const list = ['webhooks', caller.tenant]
    const after = cursors.read(list, req.query, place)
    const rows = await webhooks.list(caller, { after, limit: limit + 1 })
    res.json(
      pageOf(rows, limit, webhookJson, ({ createdAtMs, id }) => cursors.write(list, { createdAtMs, id })),
    )
  })
  router.get('/v1/webhooks/:id', async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:read')
    sendWebhook(res, await webhooks.get(caller, idOf(req)))
  })
  const update: RequestHandler = async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    const wishes = toWebhookWishes(readBody(webhookChangesBody, req.body))
    const changed = await withExpectedVersion(req, (version) =>
      webhooks.update(caller, idOf(req), wishes, version),
    )
    sendWebhook(res, changed)
  }
  router.route('/v1/webhooks/:id').put(update).patch(update)
  router.post('/v1/webhooks/:id/rotate', once('webhooks:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    const { webhook, secret, oldUntilMs } = await webhooks.rotate(caller, idOf(req))
    res.set('ETag', versionTag(webhook.version))
    res.json({ ...secretJson(webhook, secret), old_secret_until: time(oldUntilMs) })
  })
  router.delete('/v1/webhooks/:id', async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    await webhooks.remove(caller, idOf(req))
    res.status(204).end()
  })
  return router
}

/** Not by `json`: deliveries show in a webhook and leave its version. */
function sendWebhook(res: Response, webhook: Webhook): void {
  res
    .set('ETag', versionTag(webhook.version))
    .type('json')
    .end(JSON.stringify(webhookJson(webhook)))
}
