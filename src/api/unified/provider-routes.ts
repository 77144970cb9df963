/** Providers: listed, read, ruled by the operator, probed. */
import type { Router } from 'express'
import type { CatalogEntry } from '../../provider/index.js'
import { requireOperator } from '../authentication/principal.js'
import { sendEnvelope } from '../http/envelope.js'
import { optionalText, readBody } from '../http/read-input.js'
import { probeBody, rulingBody } from './bodies.js'
import { callerOf, connectionOf, entryOf, readerOf, type UnifiedDeps } from './deps.js'
import { providerJson, rulingJson, testJson } from './unified-json.js'

export function addProviderRoutes(router: Router, deps: UnifiedDeps): void {
  const { apiPrefix, publicUrl, connectors, operating, once } = deps
  const drawn = new Map<string, { readonly facts: string; readonly json: object }>()
  /** Forms are drawn once, and anew when the operator has changed something. */
  function shown(entry: CatalogEntry): object {
    const facts = JSON.stringify([entry.missingSettings, entry.rules])
    const known = drawn.get(entry.provider.id)
    if (known?.facts === facts) return known.json
    const json = providerJson(entry, publicUrl)
    drawn.set(entry.provider.id, { facts, json })
    return json
  }

  router.get(`${apiPrefix}/connectors`, async (req, res) => {
    await readerOf(deps, req)
    const category = optionalText(req.query, 'category', 40)
    const wanted = operating.catalog.filter(
      ({ provider }) => category === undefined || provider.category === category,
    )
    sendEnvelope(res, wanted.map(shown), { page: { nextCursor: null, limit: wanted.length } })
  })
  router.get(`${apiPrefix}/connectors/:id`, async (req, res) => {
    const principal = await readerOf(deps, req)
    const entry = entryOf(deps, req)
    const ruling =
      principal.kind === 'operator' ? { ruling: rulingJson(operating.rulingOf(entry.provider.id)) } : {}
    sendEnvelope(res, { ...shown(entry), ...ruling })
  })
  router.patch(`${apiPrefix}/connectors/:id`, async (req, res) => {
    const principal = await deps.authenticate(req)
    requireOperator(principal)
    const entry = entryOf(deps, req)
    const ruling = await operating.change(principal.actor, entry.provider.id, readBody(rulingBody, req.body))
    sendEnvelope(res, { ...shown(entry), ruling: rulingJson(ruling) })
  })
  router.post(`${apiPrefix}/connectors/:id/probe`, once('connectors:write'), async (req, res) => {
    const caller = await callerOf(deps, req, 'connectors:write')
    const entry = entryOf(deps, req)
    const { connectionId } = readBody(probeBody, req.body ?? {})
    const { enabled, missingSettings, reachable, latencyMs } = await connectors.reach(entry.provider.id)
    const facts = { enabled, configured: missingSettings.length === 0, missingSettings, reachable, latencyMs }
    if (connectionId === undefined) return sendEnvelope(res, { ...facts, connection: null })
    const { id } = await connectionOf(deps, caller, entry, connectionId)
    sendEnvelope(res, { ...facts, connection: { id, ...testJson(await connectors.test(caller, id)) } })
  })
}
