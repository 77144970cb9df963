/** Where a connection's streams go on: shown, and set. */
import type { Router } from 'express'
import type { Connectors } from '../../connectors/index.js'
import type { Json } from '../../lib/canonical-json.js'
import { sendEnvelope } from '../http/envelope.js'
import { readBody } from '../http/read-input.js'
import { syncStateBody } from './bodies.js'
import { callerOf, type UnifiedDeps } from './deps.js'
import { time } from './unified-json.js'

type StreamState = Awaited<ReturnType<Connectors['syncState']>>[number]

export function addSyncStateRoutes(router: Router, deps: UnifiedDeps): void {
  const { apiPrefix, connectors, once } = deps
  const address = `${apiPrefix}/connections/:id/sync-state`
  router.get(address, async (req, res) => {
    const caller = await callerOf(deps, req, 'records:read')
    sendEnvelope(res, stateJson(await connectors.syncState(caller, String(req.params['id']))))
  })
  router.post(address, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const { stream, partition, cursor } = readBody(syncStateBody, req.body)
    const change = { stream, partition, cursor: cursor as Json }
    sendEnvelope(res, stateJson(await connectors.setSyncState(caller, String(req.params['id']), change)))
  })
}

const stateJson = (states: readonly StreamState[]): object => ({
  streams: states.map(({ stream, partition, cursor, full, revision, updatedAtMs }) => ({
    stream,
    partition,
    cursor,
    full,
    revision,
    updatedAt: time(updatedAtMs),
  })),
})
