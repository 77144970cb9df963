/** The surface of tenants' applications without connectors: real store, real sockets, real tokens, and a thing to read and make. */
import { randomBytes, randomUUID } from 'node:crypto'
import { Router } from 'express'
import type { Server } from 'node:http'
import { createServiceTokens, type ServiceTokens } from '../../../src/api/authentication/service-tokens.js'
import { jwtReader } from '../../../src/api/authentication/json-web-token.js'
import type { JwtTrust } from '../../../src/api/authentication/jwt-trust.js'
import { mintJwt, type JwtWishes } from '../../../src/api/authentication/mint-jwt.js'
import { requireScope, SCOPES } from '../../../src/api/authentication/principal.js'
import { tenantAuthenticator } from '../../../src/api/authentication/tenant.js'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { refuseWrongMethods } from '../../../src/api/errors/known-paths.js'
import { apiFront, type ApiFrontOptions } from '../../../src/api/http/api-front.js'
import { idempotency } from '../../../src/api/http/idempotency.js'
import { pageCursors } from '../../../src/api/http/page-cursor.js'
import { serviceTokenRoutes } from '../../../src/api/v1/service-token-routes.js'
import { tenantRoutes } from '../../../src/api/v1/tenant-routes.js'
import { createApp } from '../../../src/app.js'
import { generateKey, parseKeyRing, type KeyRing } from '../../../src/credentials/key-ring.js'
import { createLog } from '../../../src/lib/log.js'
import { Redacted } from '../../../src/lib/redacted.js'
import type { Store } from '../../../src/store/index.js'
import { openTestStore } from '../../support/database.js'
import { closed, listen } from '../connect/bench.js'

export const OPERATOR = randomBytes(24).toString('hex')
export const APP = 'https://app.example'
export const trust = {
  kind: 'secret',
  secret: new Redacted('a secret of these tests, long enough'),
  issuer: 'https://issuer.example',
  audience: 'connector-node',
} as const satisfies JwtTrust

export interface Asked {
  readonly status: number
  readonly headers: Headers
  /** `{}` when there is none. */
  readonly json: Readonly<Record<string, unknown>>
  readonly code: unknown
}

export interface Wish {
  readonly token?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface TenantBench {
  readonly origin: string
  readonly store: Store
  readonly ring: KeyRing
  readonly clock: { now(): number; add(ms: number): void }
  readonly tokens: ServiceTokens
  /** Everything that was logged, at every level. */
  readonly logged: () => string
  /** A JWT of the bench's issuer. */
  readonly jwt: (wishes?: Partial<JwtWishes>) => Promise<string>
  readonly ask: (path: string, wish?: Wish) => Promise<Asked>
  close(): Promise<void>
}

export interface TenantBenchOptions extends Partial<Omit<ApiFrontOptions, 'authenticate'>> {
  /** Default: the bench's shared secret. `null`: none. */
  readonly trust?: JwtTrust | null
  /** POST /v1/things. Default: makes one with an id of its own. */
  readonly make?: () => Promise<{ readonly status: number; readonly body: object }>
}

export async function openTenantBench(options: TenantBenchOptions = {}): Promise<TenantBench> {
  const store = await openTestStore('pglite')
  const lines: string[] = []
  const log = createLog({ level: 'trace', json: true, write: (line) => lines.push(line) })
  let passedMs = 0
  const clock = { now: () => Date.now() + passedMs, add: (ms: number) => void (passedMs += ms) }
  const ring = parseKeyRing(new Redacted(generateKey()))
  const tokens = createServiceTokens({ store, clock })
  const believed = options.trust === undefined ? trust : options.trust
  const authenticate = tenantAuthenticator({
    readJwt: believed === null ? undefined : jwtReader(believed, clock),
    serviceTokens: tokens,
    operatorToken: new Redacted(OPERATOR),
  })
  const { make = () => Promise.resolve({ status: 201, body: { id: randomUUID() } }) } = options
  const router = Router()
  router.get('/v1/open', (_req, res) => void res.json({ open: true }))
  router.get('/v1/me', async (req, res) => {
    const principal = await authenticate(req)
    res.json({ ...principal, scopes: [...principal.scopes] })
  })
  router.get('/v1/things', async (req, res) => {
    requireScope(await authenticate(req), 'connectors:read')
    res.json({ data: [] })
  })
  router.post(
    '/v1/things',
    idempotency({ store, ring, clock, authenticate })('connectors:write'),
    async (_req, res) => {
      const { status, body } = await make()
      res.status(status).location('/v1/things/1').set('ETag', '"1"').json(body)
    },
  )
  const listening = await listen()
  const { server, origin } = listening
  const routers = [
    apiFront({ authenticate, corsOrigins: [APP], perTenant: 10_000, perAddress: 10_000, ...options }),
    router,
    tenantRoutes({ store, clock, authenticate, cursors: pageCursors(ring) }),
    serviceTokenRoutes({ tokens, store, clock, authenticate }),
  ]
  listening.serve(
    createApp({
      log,
      trustProxy: 1,
      routers: [...routers, refuseWrongMethods(routers)],
      errorHandler: errorHandler({ log }),
    }),
  )
  return {
    origin,
    store,
    ring,
    clock,
    tokens,
    logged: () => lines.join(''),
    jwt: (wishes = {}) =>
      mintJwt(
        trust,
        { tenant: 'acme', subject: 'ada', scopes: SCOPES, lifetimeMs: 600_000, ...wishes },
        clock,
      ),
    ask: (path, wish) => ask(origin + path, wish),
    close: () => shut(server, store),
  }
}

async function ask(url: string, { token, method, headers, body }: Wish = {}): Promise<Asked> {
  const answer = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const json = (isJson(answer) && text !== '' ? JSON.parse(text) : {}) as Asked['json']
  const code = (json['error'] as { readonly code?: unknown } | undefined)?.code
  return { status: answer.status, headers: answer.headers, json, code }
}

const isJson = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('application/json') ?? false

async function shut(server: Server, store: Store): Promise<void> {
  await closed(server)
  await store.close()
}
