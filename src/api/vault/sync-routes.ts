/** The Vault's sync surface (vault.md 7.1): the old GET forms and their owner-signed POST twins. */
import { Router, type Request, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import { NodeError } from '../../errors.js'
import type { Did } from '../../lib/did.js'
import type { VaultSyncRequest, VaultSyncs } from '../../sync/index.js'
import { optionalText, readBody, readDid, readKey } from '../http/read-input.js'
import { bearer, type OwnerAuthenticator } from '../authentication/owner.js'
import { jsonOnly } from '../errors/json-only.js'

export interface SyncRouteDeps {
  readonly syncs: VaultSyncs
  readonly authenticateOwner: OwnerAuthenticator
  readonly legacyGet: boolean
  /** Network of bare legacy DIDs. */
  readonly network: string
}

const capsule = z.string().max(8192).optional()
export const startBody = z.strictObject({
  did: z.string().max(100),
  key: z.string().max(66),
  accessToken: capsule,
  refreshToken: capsule,
  syncSchemas: z
    .record(z.string().max(300), z.looseObject({ limit: z.number().int().min(1).optional() }))
    .optional(),
  confirmDeletes: z.boolean().optional(),
})
export const doneBody = z.strictObject({
  did: z.string().max(100),
  key: z.string().max(66).optional(),
  accessToken: capsule,
  refreshToken: capsule,
  syncRequestId: z.string().max(100).optional(),
  nonce: z.union([z.string().max(100), z.number()]).optional(),
  forget: z.boolean().optional(),
})
export const disconnectBody = doneBody
  .omit({ forget: true, nonce: true, syncRequestId: true })
  .extend({ key: z.string().max(66) })

export function syncRoutes(deps: SyncRouteDeps): Router {
  const router = Router()
  router.get('/sync/:provider', legacyOnly(deps), async (req, res) => {
    const started = await deps.syncs.start(legacyRequest(req, deps.network))
    res.json(started.answer)
  })
  router.post('/syncStart/:provider', jsonOnly, async (req, res) => {
    const body = readBody(startBody, req.body)
    const did = await owner(deps, req, body.did)
    const started = await deps.syncs.start({
      provider: String(req.params['provider']),
      did,
      key: readKey(body.key),
      accessToken: body.accessToken,
      refreshToken: body.refreshToken,
      ...(body.syncSchemas === undefined ? {} : { schemas: wishes(body.syncSchemas) }),
      confirmDeletes: body.confirmDeletes ?? false,
      repeatable: false,
    })
    res
      .set('Cache-Control', 'no-store')
      .status(202)
      .json({ ...started.answer, statusToken: started.statusToken })
  })
  router.get('/syncStatus/:provider/:syncRequestId', async (req, res) => {
    const token = bearer(req)
    const reader = token.includes('.') ? { did: await deps.authenticateOwner(req) } : { statusToken: token }
    res
      .set('Cache-Control', 'no-store')
      .json(await deps.syncs.status(req.params.provider, requestIdOf(req), reader))
  })
  router.get('/syncs/:syncRequestId/receipt', async (req, res) => {
    const did = await deps.authenticateOwner(req)
    res.set('Cache-Control', 'no-store').json({ receipts: await deps.syncs.receipts(requestIdOf(req), did) })
  })
  router.get('/syncDone/:provider', legacyOnly(deps), (req, res) => {
    // Whoever asks gets the same answer: it must not tell a stranger what a DID has connected (protocol.md 4.6).
    readDid(optionalText(req.query, 'did'), deps.network)
    res.json({ success: true, clearedDatabases: deps.syncs.schemasOf(String(req.params['provider'])) })
  })
  router.post('/syncDone/:provider', jsonOnly, async (req, res) => {
    const body = readBody(doneBody, req.body)
    const did = await owner(deps, req, body.did)
    const clearedDatabases = await deps.syncs.done(String(req.params['provider']), did)
    if (body.forget !== true) return void res.json({ success: true, clearedDatabases })
    const forgotten = await deps.syncs.forget(ownersRequest(req, did, body))
    res.json({ success: true, clearedDatabases, forgotten })
  })
  router.post('/disconnect/:provider', jsonOnly, async (req, res) => {
    const body = readBody(disconnectBody, req.body)
    const did = await owner(deps, req, body.did)
    res.json({ success: true, ...(await deps.syncs.disconnect(ownersRequest(req, did, body))) })
  })
  return router
}

/** Ids are made here and of one form: anything else was never given out, and not every text can be asked of a database. */
function requestIdOf({ params }: Request): string {
  const id = String(params['syncRequestId'])
  if (!/^[0-9a-f]{32}$/.test(id)) throw new NodeError('SYNC_UNKNOWN')
  return id
}

/** @throws NodeError FORBIDDEN when the body names another DID than the signer. */
async function owner(deps: SyncRouteDeps, req: Request, named: string): Promise<Did> {
  const signer = await deps.authenticateOwner(req)
  if (readDid(named, deps.network) !== signer) throw new NodeError('FORBIDDEN')
  return signer
}

function ownersRequest(
  req: Request,
  did: Did,
  body: {
    readonly key?: string | undefined
    readonly accessToken?: string | undefined
    readonly refreshToken?: string | undefined
  },
): VaultSyncRequest {
  const { accessToken, refreshToken } = body
  return {
    provider: String(req.params['provider']),
    did,
    key: readKey(body.key),
    accessToken,
    refreshToken,
    repeatable: false,
  }
}

function legacyRequest(req: Request, network: string): VaultSyncRequest {
  const did = readDid(optionalText(req.query, 'did'), network)
  const key = readKey(optionalText(req.query, 'key'))
  const config = configOf(optionalText(req.query, 'config', 16_384))
  const accessToken = optionalText(req.query, 'accessToken', 8192) ?? config.accessToken
  const refreshToken = optionalText(req.query, 'refreshToken', 8192) ?? config.refreshToken
  return { provider: String(req.params['provider']), did, key, accessToken, refreshToken, repeatable: true }
}

const configShape = z.looseObject({ accessToken: capsule, refreshToken: capsule })

/** The seed's `config={json}` carries the same two capsules. */
function configOf(text: string | undefined): z.output<typeof configShape> {
  if (text === undefined) return {}
  try {
    return readBody(configShape, JSON.parse(text))
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new NodeError('REQUEST_INVALID', {
      fields: [{ path: 'config', message: 'is not JSON' }],
      cause: error,
    })
  }
}

function wishes(
  schemas: Readonly<Record<string, { readonly limit?: number | undefined }>>,
): NonNullable<VaultSyncRequest['schemas']> {
  const entries = Object.entries(schemas).map(
    ([uri, { limit }]) => [uri, limit === undefined ? {} : { limit }] as const,
  )
  return Object.fromEntries(entries)
}

function legacyOnly(deps: SyncRouteDeps): RequestHandler {
  return (_req: Request, res: Response, next) => {
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', Deprecation: 'true' })
    if (deps.legacyGet) return next()
    throw new NodeError('GONE', {
      detail: 'the old GET forms are switched off here: use POST /syncStart, /syncDone',
    })
  }
}
