/** A tenant's connectors: made, listed, read, changed, deleted. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import type { ConnectorPage, Connectors, ConnectorView } from '../../connectors/index.js'
import { NodeError } from '../../errors.js'
import type { Did } from '../../lib/did.js'
import type { ConsentWish } from '../authentication/owner-consent.js'
import {
  requireScope,
  type Principal,
  type Scope,
  type TenantAuthenticator,
} from '../authentication/principal.js'
import { pageLimit, pageOf, type PageCursors } from '../http/page-cursor.js'
import { optionalText, readBody } from '../http/read-input.js'
import { versionTag, withExpectedVersion } from '../http/version-tag.js'
import type { ownerMembers } from './connector-json.js'
import {
  changesBody,
  connectorJson,
  ownedConnectorBody,
  removedJson,
  toNewConnector,
  toWishes,
} from './connector-json.js'

export interface ConnectorRouteDeps {
  readonly connectors: Connectors
  readonly authenticate: TenantAuthenticator
  readonly cursors: PageCursors
  /** Of idempotency.ts. */
  readonly once: (scope: Scope) => RequestHandler
}

const STATUSES = ['pending', 'tested', 'active', 'paused', 'error', 'reconnect_needed', 'revoked'] as const
const place = z.strictObject({ createdAtMs: z.number(), id: z.string() })

export function connectorRoutes(deps: ConnectorRouteDeps & ConsentDeps): Router {
  const { connectors, cursors, once } = deps
  const router = Router()
  router.post('/v1/connectors', once('connectors:write'), async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const body = readBody(ownedConnectorBody, req.body)
    const ownerDid = await ownerOf(deps, caller, { ...body, type: body.connector_type })
    const connector = await connectors.create(caller, { ...toNewConnector(body), ownerDid })
    res.status(201).location(`/v1/connectors/${connector.id}`)
    sendConnector(res, connector)
  })
  router.get('/v1/connectors', async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:read')
    const limit = pageLimit(req.query)
    const filter = readFilter(req.query)
    const list = ['connectors', caller.tenant, ...Object.values(filter).map((value) => value ?? '')]
    const after = cursors.read(list, req.query, place)
    const rows = await connectors.list(caller, { ...filter, after, limit: limit + 1 })
    res.json(
      pageOf(rows, limit, connectorJson, ({ createdAtMs, id }) => cursors.write(list, { createdAtMs, id })),
    )
  })
  router.get('/v1/connectors/:id', async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:read')
    sendConnector(res, await connectors.get(caller, idOf(req)))
  })
  const update: RequestHandler = async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const wishes = toWishes(readBody(changesBody, req.body))
    const changed = await withExpectedVersion(req, (version) =>
      connectors.update(caller, idOf(req), wishes, version),
    )
    sendConnector(res, changed)
  }
  router.route('/v1/connectors/:id').put(update).patch(update)
  router.delete('/v1/connectors/:id', async (req, res) => {
    const caller = await principalOf(deps, req, 'connectors:write')
    const removed = await withExpectedVersion(req, (version) => connectors.remove(caller, idOf(req), version))
    res.json(removedJson(removed))
  })
  return router
}

type Owning = Pick<z.infer<typeof ownedConnectorBody>, keyof typeof ownerMembers>

export interface ConsentDeps {
  /** Missing where records cannot go to a DID. */
  readonly consentOf?: (wish: ConsentWish) => Promise<Did>
}

/** Who agreed that the records are theirs; `undefined` for the tenant's own. @throws NodeError REQUEST_INVALID, RESOLVER_DOWN */
export async function ownerOf(
  { consentOf }: ConsentDeps,
  { tenant }: Pick<Principal, 'tenant'>,
  body: Owning & { readonly type: string },
): Promise<Did | undefined> {
  const { destination = 'tables', owner_did, owner_consent, type } = body
  const given = Object.entries({ owner_did, owner_consent }).filter(([, value]) => value !== undefined)
  if (destination === 'tables' && given.length === 0) return undefined
  const fault =
    destination === 'tables' ? 'goes with destination "vault" only' : 'is needed with destination "vault"'
  if (
    destination === 'tables' ||
    owner_did === undefined ||
    owner_consent === undefined ||
    consentOf === undefined
  )
    throw new NodeError('REQUEST_INVALID', {
      fields: ['owner_did', 'owner_consent']
        .filter((path) => given.some(([name]) => name === path) === (destination === 'tables'))
        .map((path) => ({ path, message: fault })),
    })
  return consentOf({ tenant, type, ownerDid: owner_did, token: owner_consent })
}

/** @throws NodeError UNAUTHENTICATED, FORBIDDEN */
export async function principalOf(
  { authenticate }: Pick<ConnectorRouteDeps, 'authenticate'>,
  req: Request,
  scope: Scope,
): Promise<Principal> {
  const principal = await authenticate(req)
  requireScope(principal, scope)
  return principal
}

export const idOf = ({ params }: Request): string => String(params['id'])

/** The tag is for If-Match. Not by `json`, which would answer 304 by it: runs show in a connector and leave its version. */
export function sendConnector(res: Response, connector: ConnectorView): void {
  res
    .set('ETag', versionTag(connector.version))
    .type('json')
    .end(JSON.stringify(connectorJson(connector)))
}

function readFilter(query: Request['query']): Pick<ConnectorPage, 'status' | 'type' | 'subject'> {
  const text = optionalText(query, 'status', 40)
  const status = STATUSES.find((known) => known === text)
  if (text !== undefined && status === undefined)
    throw new NodeError('REQUEST_INVALID', {
      fields: [{ path: 'status', message: `must be one of ${STATUSES.join(', ')}` }],
    })
  return {
    status,
    type: optionalText(query, 'connector_type', 64),
    subject: optionalText(query, 'subject', 200),
  }
}
