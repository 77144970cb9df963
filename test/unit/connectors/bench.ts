/** A node with tenants' connectors and nothing else: real store, routes and tokens, and the sandbox as the outside service. */
import type { Server } from 'node:http'
import { provider as sandboxProvider } from '../../../providers/sandbox/index.js'
import { jwtReader } from '../../../src/api/authentication/json-web-token.js'
import type { JwtTrust } from '../../../src/api/authentication/jwt-trust.js'
import { mintJwt } from '../../../src/api/authentication/mint-jwt.js'
import { SCOPES, type Scope } from '../../../src/api/authentication/principal.js'
import { createServiceTokens } from '../../../src/api/authentication/service-tokens.js'
import { tenantAuthenticator } from '../../../src/api/authentication/tenant.js'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { apiFront } from '../../../src/api/http/api-front.js'
import { idempotency } from '../../../src/api/http/idempotency.js'
import { pageCursors } from '../../../src/api/http/page-cursor.js'
import { catalogRoutes } from '../../../src/api/v1/catalog-routes.js'
import { connectorActionRoutes } from '../../../src/api/v1/connector-action-routes.js'
import { connectorRoutes } from '../../../src/api/v1/connector-routes.js'
import { oauthRoutes } from '../../../src/api/v1/oauth-routes.js'
import { recordRoutes } from '../../../src/api/v1/record-routes.js'
import { webhookLogRoutes } from '../../../src/api/v1/webhook-log-routes.js'
import { webhookRoutes } from '../../../src/api/v1/webhook-routes.js'
import { unifiedRoutes } from '../../../src/api/unified/unified-routes.js'
import { connectRoutes } from '../../../src/api/vault/connect-routes.js'
import { createApp } from '../../../src/app.js'
import { createConnect, redirectUriOf } from '../../../src/connect/index.js'
import {
  connectorRedirectUri,
  createConnectors,
  operateCatalog,
  type ConnectorPorts,
  type Connectors,
} from '../../../src/connectors/index.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { generateNodeSecret, parseNodeSecrets } from '../../../src/credentials/node-secrets.js'
import { noJournal } from '../../../src/credentials/token-journal.js'
import { startSandboxService, type SandboxService } from '../../../src/devnet/sandbox-service/index.js'
import { NodeError } from '../../../src/errors.js'
import { nextRun, shortestGapMs } from '../../../src/jobs/frequency.js'
import { createLog } from '../../../src/lib/log.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { createBudgets, type Network } from '../../../src/outbound/index.js'
import type { Catalog, Provider } from '../../../src/provider/index.js'
import type { Store } from '../../../src/store/index.js'
import { inboundRoutes } from '../../../src/api/webhooks/inbound-routes.js'
import {
  createInboundWebhooks,
  type DeliveryCounts,
  type InboundPorts,
} from '../../../src/webhooks/inbound/index.js'
import { createWebhooks } from '../../../src/webhooks/outbound/index.js'
import { openTestStore, type StoreKind } from '../../support/database.js'
import { closed, listen } from '../connect/bench.js'
import { CALLBACK, signIn } from '../devnet/sandbox-service/journey.js'

export const MOST_CONNECTORS = 30
export const APPLICATION = 'https://app.example/connected'
export const OPERATOR = 'operator-token-of-these-tests-0123456789'

export interface ConnectorBench {
  readonly origin: string
  readonly sandbox: SandboxService
  readonly store: Store
  readonly ports: ConnectorPorts
  readonly connectors: Connectors
  /** Of webhooks that services call. */
  readonly inbound: InboundPorts
  /** What became of deliveries. */
  deliveries(): Promise<DeliveryCounts>
  /** Where webhooks may be sent beside the public internet. */
  readonly allowedOrigins: string[]
  /** The ring's only key. */
  readonly key: string
  readonly clock: { now(): number; add(ms: number): void }
  /** What was asked of the queue, in order: `sync <id>`, `end <id>`. */
  readonly jobs: string[]
  logged(): string
  /** Tokens of one of the sandbox's people, as an application of a tenant would hold them. */
  tokens(person?: string): Promise<{ readonly access_token: string; readonly refresh_token: string }>
  call(method: string, path: string, options?: CallOptions): Promise<Called>
  close(): Promise<void>
}

export interface CallOptions {
  /** Default: `acme`. */
  readonly tenant?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default: all. */
  readonly scopes?: readonly Scope[]
  /** Default: a JWT of the tenant. */
  readonly token?: string
}

export interface Called {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // The tests name the members they expect; a wrong name fails there.
  readonly json: Json
}

export interface Json {
  readonly [name: string]: Json & (string | number | boolean | null)
}

export interface ConnectorBenchOptions {
  /** Beside the sandbox. */
  readonly further?: Catalog
  /** The sandbox once more, as other providers. */
  readonly twins?: readonly Provider[]
  readonly network?: Network
}

export async function openConnectorBench(
  kind: StoreKind = 'pglite',
  { further = [], twins = [], network }: ConnectorBenchOptions = {},
): Promise<ConnectorBench> {
  const store = await openTestStore(kind)
  const lines: string[] = []
  const log = createLog({ level: 'trace', json: true, write: (line) => lines.push(line) })
  let passedMs = 0
  const clock = { now: () => Date.now() + passedMs, add: (ms: number) => void (passedMs += ms) }
  const key = generateKey()
  const ring = parseKeyRing(new Redacted(key))
  const listening = await listen()
  const { server, origin } = listening
  const sandbox = await startSandboxService({
    port: 0,
    host: '127.0.0.1',
    posts: 12,
    followings: 3,
    files: 3,
    events: 3,
    client: {
      redirectUris: [
        connectorRedirectUri(origin, 'sandbox'),
        redirectUriOf(origin, 'sandbox'),
        CALLBACK,
        APPLICATION,
      ],
    },
  })
  const given: Catalog = [
    ...[sandboxProvider, ...twins].map((provider) => ({
      provider,
      settings: {
        origin: sandbox.origin,
        clientId: sandbox.client.id,
        clientSecret: new Redacted(sandbox.client.secret),
      },
      missingSettings: [],
    })),
    { provider: { ...sandboxProvider, id: 'unset' }, missingSettings: ['UNSET_CLIENT_SECRET'] },
    ...further,
  ]
  const operating = await operateCatalog(
    { store, clock, log },
    given.map(({ provider, settings, missingSettings }) => ({
      provider,
      read: () => ({ settings, missingSettings }),
    })),
  )
  const { catalog } = operating
  const jobs: string[] = []
  const outbound = { budgets: createBudgets(clock), ...(network && { network }) }
  const ports: ConnectorPorts = {
    store,
    ring,
    journal: noJournal,
    catalog,
    publicUrl: origin,
    redirectOrigins: [new URL(APPLICATION).origin],
    clock,
    log,
    outbound,
    nextRun,
    shortestGapMs,
    mostConnectors: MOST_CONNECTORS,
    jobs: {
      enqueueSync: (id, _trigger, wish) =>
        Promise.resolve({
          jobId: `job-${jobs.push(`sync ${id}${wish?.confirmDeletes === true ? ' confirmed' : ''}`)}`,
        }),
      unschedule: (id) => Promise.resolve(void jobs.push(`end ${id}`)),
    },
  }
  const secrets = parseNodeSecrets(new Redacted(generateNodeSecret()))
  const inboundPorts: InboundPorts = { ...ports, secrets }
  const inbound = createInboundWebhooks(inboundPorts)
  const connectors = createConnectors(ports)
  const trust = {
    kind: 'secret',
    secret: new Redacted('a shared secret of at least 32 characters'),
    issuer: undefined,
    audience: undefined,
  } as const satisfies JwtTrust
  const authenticate = tenantAuthenticator({
    readJwt: jwtReader(trust, clock),
    serviceTokens: createServiceTokens({ store, clock }),
    operatorToken: new Redacted(OPERATOR),
  })
  const once = idempotency({ store, ring, clock, authenticate })
  const allowedOrigins: string[] = []
  const webhooks = createWebhooks({ store, ring, clock, log, allowOrigins: allowedOrigins })
  const deps = {
    connectors,
    webhooks,
    authenticate,
    cursors: pageCursors(ring),
    once,
    catalog,
    publicUrl: origin,
  }
  const vault = createConnect({
    ...ports,
    secrets,
    deepLinkBase: 'https://vault.example/',
  })
  listening.serve(
    createApp({
      log,
      trustProxy: 0,
      rawRouters: [inboundRoutes({ inbound, publicUrl: origin })],
      routers: [
        apiFront({ authenticate, corsOrigins: [], perTenant: 10_000, perAddress: 10_000 }),
        catalogRoutes(deps),
        connectorActionRoutes(deps),
        connectorRoutes(deps),
        recordRoutes(deps),
        oauthRoutes(deps),
        webhookRoutes(deps),
        webhookLogRoutes(deps),
        unifiedRoutes({
          ...deps,
          operating,
          inbound,
          apiPrefix: '/api',
          allowTokenRead: true,
          jobs: {
            list: () => Promise.resolve([]),
            find: () => Promise.reject(new NodeError('JOB_UNKNOWN')),
            unschedule: (id) => Promise.resolve(void jobs.push(`end ${id}`)),
            progressOf: () => ({ latest: () => undefined, follow: () => () => undefined }),
          },
        }),
        connectRoutes({ connect: vault, publicUrl: origin, network: 'testnet' }),
      ],
      errorHandler: errorHandler({ log, apiPrefix: '/api' }),
    }),
  )
  return {
    origin,
    sandbox,
    store,
    ports,
    connectors,
    inbound: inboundPorts,
    deliveries: () => inbound.counts(),
    allowedOrigins,
    key,
    clock,
    jobs,
    logged: () => lines.join(''),
    async tokens(person = 'maya') {
      const { access_token, refresh_token } = await signIn(sandbox, { person })
      return { access_token, refresh_token }
    },
    async call(method, path, { tenant = 'acme', body, headers = {}, scopes = SCOPES, token } = {}) {
      const wishes = { tenant, subject: 'ann', scopes, lifetimeMs: 60_000 }
      const answer = await fetch(`${origin}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token ?? (await mintJwt(trust, wishes, clock))}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual',
      })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('application/json') ?? false
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        json: (isJson ? JSON.parse(text) : {}) as Json,
      }
    },
    async close() {
      operating.stop()
      await inbound.close()
      return closeAll(server, sandbox, store)
    },
  }
}

async function closeAll(server: Server, sandbox: SandboxService, store: Store): Promise<void> {
  await closed(server)
  await sandbox.close()
  await store.close()
}
