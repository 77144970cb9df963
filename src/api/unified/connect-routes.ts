/** Connecting an account of a provider, in its own way: by a sign-in, or with what the application enters; tested, and revoked. */
import type { Request, Response, Router } from 'express'
import type { z } from 'zod'
import type { Caller, ConnectorWishes } from '../../connectors/index.js'
import type { Auth, CatalogEntry } from '../../provider/index.js'
import { sendEnvelope } from '../http/envelope.js'
import { readBody } from '../http/read-input.js'
import {
  connectBody,
  connectionIdBody,
  credentialsBody,
  enteredBody,
  hasConfig,
  returnBody,
  revokeBody,
} from './bodies.js'
import { callerOf, connectionOf, entryOf, invalid, type UnifiedDeps } from './deps.js'
import { revokedJson } from './revoked-json.js'
import { authJson, connectionJson, testJson, time } from './unified-json.js'

type ConnectBody = z.output<typeof connectBody>
interface Asked {
  readonly caller: Caller
  readonly entry: CatalogEntry
}

export function addConnectRoutes(router: Router, deps: UnifiedDeps): void {
  const { apiPrefix, connectors, once } = deps
  const asked = async (req: Request): Promise<Asked> => ({
    caller: await callerOf(deps, req, 'connectors:write'),
    entry: entryOf(deps, req),
  })
  router.post(`${apiPrefix}/connectors/:id/connect`, once('connectors:write'), async (req, res) => {
    const { caller, entry } = await asked(req)
    const body = readBody(connectBody, req.body ?? {})
    const auth = authOf(entry, body.authKind)
    if (body.config !== undefined) await connectWith(deps, { caller, entry }, body, res)
    else if (auth.kind !== 'oauth2') sendForm(deps, entry, auth, res)
    else if (body.redirectUri === undefined) await signInHere(deps, { caller, entry }, body, res)
    else await signInThere(deps, { caller, entry }, body, body.redirectUri, res)
  })
  router.post(`${apiPrefix}/connectors/:id/connect/callback`, once('connectors:write'), async (req, res) => {
    const { caller, entry } = await asked(req)
    if (hasConfig(req.body)) return connectWith(deps, { caller, entry }, readBody(enteredBody, req.body), res)
    const { binding, ...query } = readBody(returnBody, req.body)
    const back = { query, binding, cookies: req.headers.cookie }
    const { connector, missing } = await connectors.finishDirect(caller, entry.provider.id, back)
    sendConnected(res, connectionJson(connector), missing)
  })
  router.post(`${apiPrefix}/connectors/:id/validate`, once('connectors:write'), async (req, res) => {
    const { caller, entry } = await asked(req)
    if (hasConfig(req.body)) {
      const given = { type: entry.provider.id, ...readBody(credentialsBody, req.body) }
      return sendEnvelope(res, testJson(await connectors.testConfig(caller, given)))
    }
    const { connectionId } = readBody(connectionIdBody, req.body)
    const { id } = await connectionOf(deps, caller, entry, connectionId)
    sendEnvelope(res, testJson(await connectors.test(caller, id)))
  })
  router.post(`${apiPrefix}/connectors/:id/revoke`, once('connectors:write'), async (req, res) => {
    const { caller, entry } = await asked(req)
    const { connectionId, erase = false } = readBody(revokeBody, req.body)
    const { id } = await connectionOf(deps, caller, entry, connectionId)
    sendEnvelope(res, await revokedJson(connectors, caller, { id, erase }))
  })
}

function authOf({ provider: { auth } }: CatalogEntry, kind: string | undefined): Auth {
  const found = kind === undefined ? auth[0] : auth.find((one) => one.kind === kind)
  if (found !== undefined) return found
  throw invalid('authKind', `must be one of ${auth.map((one) => one.kind).join(', ')}`)
}

function sendForm({ publicUrl }: UnifiedDeps, { provider }: CatalogEntry, auth: Auth, res: Response): void {
  sendEnvelope(res, { kind: 'form', auth: authJson(auth, provider.id, publicUrl) })
}

async function connectWith(
  deps: UnifiedDeps,
  { caller, entry }: Asked,
  body: ConnectorWishes & { readonly connectionId?: string | undefined },
  res: Response,
): Promise<void> {
  const { authKind, displayName, preset, streams, syncFrequency, config, connectionId } = body
  const wishes = { authKind, displayName, streams, syncFrequency, config }
  if (connectionId !== undefined && preset !== undefined) throw invalid('preset', 'is for a new connection')
  const made =
    connectionId === undefined
      ? await deps.connectors.create(caller, { type: entry.provider.id, preset, ...wishes })
      : await deps.connectors.update(
          caller,
          (await connectionOf(deps, caller, entry, connectionId)).id,
          wishes,
        )
  sendConnected(res, connectionJson(made), [])
}

function sendConnected(res: Response, connection: object, missingPermissions: readonly string[]): void {
  sendEnvelope(res, { kind: 'connected', connection, missingPermissions })
}

const signInWishes = ({
  connectionId,
  displayName,
  preset,
  streams,
  syncFrequency,
  fields,
}: ConnectBody) => ({
  connectorId: connectionId,
  displayName,
  preset,
  streams,
  syncFrequency,
  fields,
})

/** The person comes back to this node, which sends them on. */
async function signInHere(
  { connectors }: UnifiedDeps,
  { caller, entry }: Asked,
  body: ConnectBody,
  res: Response,
): Promise<void> {
  const { redirectUrl: redirect, state } = body
  const request = { type: entry.provider.id, ...signInWishes(body), redirect, state }
  const { url, expiresAtMs, connector } = await connectors.authorize(caller, request)
  const expiresAt = time(expiresAtMs)
  sendEnvelope(res, { kind: 'sign-in', authorizeUrl: url, expiresAt, connection: connectionJson(connector) })
}

/** The person comes back to a page of the application, which hands in what came with them. */
async function signInThere(
  { connectors }: UnifiedDeps,
  { caller, entry }: Asked,
  body: ConnectBody,
  redirectUri: string,
  res: Response,
): Promise<void> {
  const request = { type: entry.provider.id, ...signInWishes(body), redirectUri }
  const start = await connectors.startDirect(caller, request)
  res.set('Set-Cookie', start.cookie)
  sendEnvelope(res, {
    kind: 'sign-in',
    authorizeUrl: start.url,
    state: start.state,
    binding: start.binding,
    expiresAt: time(start.expiresAtMs),
    connection: connectionJson(start.connector),
  })
}
