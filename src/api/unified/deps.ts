/** What the unified surface stands on, and what its routes share: who asks, and which provider and connection an address names. */
import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import type { Caller, Connectors, ConnectorView, OperatedCatalog } from '../../connectors/index.js'
import { NodeError, toNodeError } from '../../errors.js'
import type { Jobs } from '../../jobs/index.js'
import type { CatalogEntry } from '../../provider/index.js'
import type { InboundWebhooks } from '../../webhooks/inbound/index.js'
import {
  requireScope,
  type Principal,
  type Scope,
  type TenantAuthenticator,
} from '../authentication/principal.js'
import type { PageCursors } from '../http/page-cursor.js'
import { optionalText } from '../http/read-input.js'

export interface UnifiedDeps {
  /** API_PREFIX. */
  readonly apiPrefix: string
  readonly publicUrl: string
  readonly connectors: Connectors
  readonly operating: Pick<OperatedCatalog, 'catalog' | 'rulingOf' | 'change'>
  readonly jobs: Pick<Jobs, 'list' | 'find' | 'unschedule' | 'progressOf'>
  readonly inbound: Pick<InboundWebhooks, 'register' | 'get' | 'remove'>
  readonly authenticate: TenantAuthenticator
  readonly cursors: PageCursors
  /** Of idempotency.ts. */
  readonly once: (scope: Scope) => RequestHandler
  /** ALLOW_TOKEN_READ. */
  readonly allowTokenRead: boolean
}

/** @throws NodeError UNAUTHENTICATED, FORBIDDEN */
export async function callerOf(
  { authenticate }: Pick<UnifiedDeps, 'authenticate'>,
  req: Request,
  scope: Scope,
): Promise<Principal> {
  const principal = await authenticate(req)
  requireScope(principal, scope)
  return principal
}

/** Who may read the catalog: a tenant, or the operator, who rules it. @throws NodeError UNAUTHENTICATED, FORBIDDEN */
export async function readerOf(
  { authenticate }: Pick<UnifiedDeps, 'authenticate'>,
  req: Request,
): Promise<Principal> {
  const principal = await authenticate(req)
  if (principal.kind !== 'operator') requireScope(principal, 'connectors:read')
  return principal
}

/** The provider that the address names. @throws NodeError PROVIDER_UNKNOWN */
export function entryOf({ operating }: Pick<UnifiedDeps, 'operating'>, { params }: Request): CatalogEntry {
  const entry = operating.catalog.find(({ provider }) => provider.id === params['id'])
  if (entry === undefined) throw new NodeError('PROVIDER_UNKNOWN')
  return entry
}

/** A connection of this tenant and of this provider. @throws NodeError CONNECTOR_UNKNOWN */
export async function connectionOf(
  { connectors }: Pick<UnifiedDeps, 'connectors'>,
  caller: Caller,
  { provider }: CatalogEntry,
  connectionId: string,
): Promise<ConnectorView> {
  const connection = await connectors.get(caller, connectionId)
  if (connection.type !== provider.id) throw new NodeError('CONNECTOR_UNKNOWN')
  return connection
}

/** `?connectionId=`. @throws NodeError REQUEST_INVALID */
export function queriedConnection(query: Request['query']): string {
  const id = optionalText(query, 'connectionId', 64)
  if (id === undefined) throw invalid('connectionId', 'is needed')
  return id
}

export const invalid = (path: string, message: string): NodeError =>
  new NodeError('REQUEST_INVALID', { fields: [{ path, message }] })

/** The use cases name members as /v1 does; here they have the names of this surface. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  connector_type: 'connectorId',
  connector_id: 'connectionId',
  auth_kind: 'authKind',
  display_name: 'displayName',
  sync_frequency: 'syncFrequency',
}

/** Stands behind all routes of this surface. */
export const inOurWords: ErrorRequestHandler = (thrown: unknown, _req, _res, next) => {
  if (!(thrown instanceof NodeError) || thrown.fields === undefined) return next(thrown)
  const { code, detail, cause, retryAfterMs } = toNodeError(thrown)
  const fields = thrown.fields.map(({ path, message }) => ({ path: ourPath(path), message }))
  const facts = {
    cause,
    fields,
    ...(detail !== undefined && { detail }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
  next(new NodeError(code, facts))
}

function ourPath(path: string): string {
  const [first = '', ...rest] = path.split('.')
  return [OUR_NAMES[first] ?? first, ...rest].join('.')
}
