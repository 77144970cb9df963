/** What became of the events that a webhook was told, telling them again, and a test event. */
import { Router, type Request } from 'express'
import { NodeError } from '../../errors.js'
import type { DeliveryState } from '../../store/index.js'
import { pageLimit, pageOf } from '../http/page-cursor.js'
import { optionalText, readBody } from '../http/read-input.js'
import { time } from './connector-json.js'
import { idOf, principalOf } from './connector-routes.js'
import { deliveryJson, replayBody } from './webhook-json.js'
import { place, type WebhookRouteDeps } from './webhook-routes.js'

const STATES = ['waiting', 'delivered', 'failed', 'cancelled'] as const

export function webhookLogRoutes(deps: WebhookRouteDeps): Router {
  const { webhooks, cursors, once } = deps
  const router = Router()
  router.post('/v1/webhooks/:id/test', once('webhooks:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    res.status(202).json(deliveryJson(await webhooks.sendTest(caller, idOf(req))))
  })
  router.get('/v1/webhooks/:id/deliveries', async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:read')
    const id = idOf(req)
    const limit = pageLimit(req.query)
    const state = readState(req.query)
    const list = ['deliveries', caller.tenant, id, state ?? '']
    const after = cursors.read(list, req.query, place)
    const rows = await webhooks.deliveries(caller, id, { state, after, limit: limit + 1 })
    res.json(
      pageOf(rows, limit, deliveryJson, (last) =>
        cursors.write(list, { createdAtMs: last.createdAtMs, id: last.id }),
      ),
    )
  })
  router.post('/v1/webhooks/:id/deliveries/:deliveryId/replay', once('webhooks:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    const deliveryId = String(req.params['deliveryId'])
    res.status(202).json(deliveryJson(await webhooks.replay(caller, idOf(req), deliveryId)))
  })
  router.post('/v1/webhooks/:id/replay', once('webhooks:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'webhooks:write')
    const { since, missed_only: missedOnly = false } = readBody(replayBody, req.body)
    const request = { sinceMs: Date.parse(since), missedOnly }
    const { count, more, throughMs } = await webhooks.replaySince(caller, idOf(req), request)
    res.status(202).json({ replayed: count, more, through: time(throughMs) })
  })
  return router
}

function readState(query: Request['query']): DeliveryState | undefined {
  const text = optionalText(query, 'state', 20)
  const state = STATES.find((known) => known === text)
  if (text !== undefined && state === undefined)
    throw new NodeError('REQUEST_INVALID', {
      fields: [{ path: 'state', message: `must be one of ${STATES.join(', ')}` }],
    })
  return state
}
