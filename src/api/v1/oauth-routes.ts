/** Sign-ins of tenants' connectors: an application asks for a link, a person's browser goes out by it and comes back. */
import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import type { AuthorizeRequest, Connectors } from '../../connectors/index.js'
import type { Catalog } from '../../provider/index.js'
import { NodeError } from '../../errors.js'
import { connectorPage } from '../../web/connector-page.js'
import { wantsPage } from '../errors/error-handler.js'
import { callbackQuery } from '../http/callback-query.js'
import { optionalText, readBody } from '../http/read-input.js'
import { iconPath } from '../web/asset-routes.js'
import { sendPage } from '../web/send-page.js'
import { changesBody, connectorJson, preset, time, toWishes } from './connector-json.js'
import { principalOf, type ConnectorRouteDeps } from './connector-routes.js'

export interface OAuthRouteDeps extends Pick<ConnectorRouteDeps, 'authenticate' | 'once'> {
  readonly connectors: Connectors
  readonly catalog: Catalog
}

const MAX_TYPE = 64
const MAX_TICKET = 8192

export const authorizeBody = changesBody.omit({ config: true, auth_kind: true }).extend({
  fields: z.record(z.string(), z.string().max(16_384)).optional(),
  preset,
  connector_id: z.string().max(64).optional(),
  redirect_url: z.string().max(2048).optional(),
  state: z.string().max(1024).optional(),
})

export function oauthRoutes(deps: OAuthRouteDeps): Router {
  const { connectors, once, catalog } = deps
  const router = Router()
  router.post('/v1/oauth/:type/authorize', once('connectors:write'), async (req, res) => {
    const body = readBody(authorizeBody, req.body ?? {})
    const { connector_id: connectorId, redirect_url: redirect, state, fields } = body
    const { displayName, syncFrequency, streams, backfillDays, fileContentMaxBytes } = toWishes(body)
    const limits = { backfillDays, fileContentMaxBytes }
    const wished = { preset: body.preset, displayName, syncFrequency, streams, ...limits }
    await authorize(deps, req, res, { ...wished, connectorId, redirect, state, fields })
  })
  // Of a connector that is there: a GET makes none.
  router.get('/v1/oauth/:type/authorize', async (req, res) => {
    await principalOf(deps, req, 'connectors:write')
    const connectorId = optionalText(req.query, 'connector_id', 64)
    if (connectorId === undefined)
      throw new NodeError('REQUEST_INVALID', {
        fields: [{ path: 'connector_id', message: 'is needed; POST makes a new connector' }],
      })
    const redirect = optionalText(req.query, 'redirect_url', 2048)
    const state = optionalText(req.query, 'state', 1024)
    await authorize(deps, req, res, { connectorId, redirect, state })
  })
  router.get('/v1/oauth/:type/start', async (req, res) => {
    const ticket = optionalText(req.query, 'ticket', MAX_TICKET)
    if (ticket === undefined) throw new NodeError('STATE_UNKNOWN')
    const { location, cookie } = await connectors.begin(typeOf(req), { ticket, cookies: req.headers.cookie })
    leave(res.set('Set-Cookie', cookie), location)
  })
  router.get('/v1/oauth/:type/callback', async (req, res) => {
    const type = typeOf(req)
    const back = { query: callbackQuery(req.query), cookies: req.headers.cookie }
    const end = await connectors.callback(type, back)
    if (end.kind === 'redirect') return leave(res, end.location)
    const { connector, account, missing } = end
    if (!wantsPage(req))
      return void res.json({ status: 'connected', connector_id: connector.id, missing_permissions: missing })
    const label = catalog.find(({ provider }) => provider.id === type)?.provider.label ?? type
    sendPage(res, { page: connectorPage({ provider: { label, icon: iconPath(type) }, account, missing }) })
  })
  return router
}

async function authorize(
  deps: OAuthRouteDeps,
  req: Request,
  res: Response,
  request: Omit<AuthorizeRequest, 'type'>,
): Promise<void> {
  const caller = await principalOf(deps, req, 'connectors:write')
  const { url, expiresAtMs, connector } = await deps.connectors.authorize(caller, {
    ...request,
    type: typeOf(req),
  })
  res.json({ authorize_url: url, expires_at: time(expiresAtMs), connector: connectorJson(connector) })
}

/** Addresses with codes and tickets in them are told to nobody. */
function leave(res: Response, location: string): void {
  res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).redirect(302, location)
}

function typeOf({ params }: Request): string {
  const type = String(params['type'])
  if (type.length > MAX_TYPE) throw new NodeError('PROVIDER_UNKNOWN')
  return type
}
