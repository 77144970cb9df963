/** A node that can only connect: real routes, pages, store and capsules, and the sandbox service as the outside service. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { provider as sandboxProvider } from '../../../providers/sandbox/index.js'
import { ownerAuthenticator } from '../../../src/api/authentication/owner.js'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { refuseWrongMethods } from '../../../src/api/errors/known-paths.js'
import { rateLimits, type RateLimitOptions } from '../../../src/api/http/rate-limits.js'
import { connectRoutes } from '../../../src/api/vault/connect-routes.js'
import { redeemRoutes } from '../../../src/api/vault/redeem-routes.js'
import { assetRoutes } from '../../../src/api/web/asset-routes.js'
import { homeRoutes } from '../../../src/api/web/home-routes.js'
import { createApp } from '../../../src/app.js'
import { createConnect, redirectUriOf } from '../../../src/connect/index.js'
import { openCapsules, type OpenedCapsules } from '../../../src/credentials/capsule.js'
import { keyFingerprint } from '../../../src/credentials/key-fingerprint.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { generateNodeSecret, parseNodeSecrets } from '../../../src/credentials/node-secrets.js'
import { startSandboxService, type SandboxService } from '../../../src/devnet/sandbox-service/index.js'
import type { Did } from '../../../src/lib/did.js'
import { createLog } from '../../../src/lib/log.js'
import { signOwnerJwt } from '../../../src/lib/owner-jwt.js'
import { Redacted } from '../../../src/lib/redacted.js'
import { addressOf, publicKeyOf } from '../../../src/lib/secp256k1.js'
import { createBudgets, type Network } from '../../../src/outbound/index.js'
import type { Catalog, CatalogEntry } from '../../../src/provider/index.js'
import { usedJtis, type Store } from '../../../src/store/index.js'
import { openTestStore } from '../../support/database.js'

export const VAULT = 'https://vault.verida.io/connection-success'
export const ownerKey = Buffer.alloc(32, 7)
export const strangerKey = Buffer.alloc(32, 8)
export const didOf = (key: Buffer): Did => `did:vda:testnet:${addressOf(publicKeyOf(key))}` as Did
export const owner = didOf(ownerKey)
/** The Vault's key. */
export const vaultKey = Buffer.from('c1d2e3f4a5b6978812345678deadbeefc1d2e3f4a5b6978812345678deadbe01', 'hex')

export interface ConnectBench {
  readonly origin: string
  readonly sandbox: SandboxService
  readonly store: Store
  /** Moves with `clock.add`. */
  readonly clock: { now(): number; add(ms: number): void }
  /** Everything that was logged, at every level. */
  logged(): string
  /** Capsules as the node itself would open them. */
  open(link: string, key?: Buffer): OpenedCapsules
  /** A token for one request, signed by the owner unless another key is given. */
  sign(path: string, body: string, key?: Buffer): string
  /** Another process of the same node: same store and secrets, another port and nothing shared in memory. */
  second(): Promise<{ readonly origin: string }>
  close(): Promise<void>
}

export interface BenchOptions {
  /** Beside the sandbox. */
  readonly providers?: (origin: string) => readonly CatalogEntry[]
  readonly redirectOrigins?: readonly string[]
  readonly limits?: Omit<RateLimitOptions, 'network'>
  readonly trustProxy?: number
  /** Where calls to the outside go. */
  readonly network?: Network
}

export async function openBench(options: BenchOptions = {}): Promise<ConnectBench> {
  const store = await openTestStore('pglite')
  const lines: string[] = []
  const log = createLog({ level: 'trace', json: true, write: (line) => lines.push(line) })
  let passedMs = 0
  const clock = { now: () => Date.now() + passedMs, add: (ms: number) => void (passedMs += ms) }
  const ring = parseKeyRing(new Redacted(generateKey()))
  const secrets = parseNodeSecrets(new Redacted(generateNodeSecret()))
  const listening = await listen()
  const { server, origin } = listening
  const servers = [server]
  const sandbox = await startSandboxService({
    port: 0,
    host: '127.0.0.1',
    posts: 3,
    followings: 1,
    files: 1,
    events: 1,
    client: { redirectUris: [redirectUriOf(origin, 'sandbox')] },
  })
  const catalog: Catalog = [
    {
      provider: sandboxProvider,
      settings: {
        origin: sandbox.origin,
        clientId: sandbox.client.id,
        clientSecret: new Redacted(sandbox.client.secret),
      },
      missingSettings: [],
    },
    ...(options.providers?.(origin) ?? []),
  ]
  const app = (publicUrl: string) => {
    const { redirectOrigins = [], limits = { perAddress: 10_000, perDid: 10_000 }, trustProxy = 0 } = options
    const connect = createConnect({
      store,
      ring,
      secrets,
      catalog,
      publicUrl,
      deepLinkBase: VAULT,
      redirectOrigins,
      clock,
      log,
      outbound: { budgets: createBudgets(clock), ...(options.network && { network: options.network }) },
    })
    const authenticateOwner = ownerAuthenticator({
      audience: publicUrl,
      network: 'testnet',
      clock,
      useOnce: (jti, expiresAtMs) => usedJtis.use(store.db, jti, expiresAtMs),
      signersOf: () => Promise.resolve(undefined),
    })
    const routers = [
      rateLimits({ network: 'testnet', ...limits }),
      assetRoutes(
        catalog.filter(({ provider }) => provider.icon !== ''),
        fileURLToPath(new URL('../../../providers', import.meta.url)),
      ),
      homeRoutes({ catalog, production: false, devVault: false }),
      connectRoutes({ connect, publicUrl, network: 'testnet' }),
      redeemRoutes({ connect, authenticateOwner }),
    ]
    return createApp({
      log,
      trustProxy,
      routers: [...routers, refuseWrongMethods(routers)],
      errorHandler: errorHandler({ log }),
    })
  }
  listening.serve(app(origin))
  return {
    origin,
    sandbox,
    store,
    clock,
    logged: () => lines.join(''),
    open(link, key = vaultKey) {
      const { searchParams } = new URL(link)
      const fingerprints = [keyFingerprint(secrets.secret(secrets.current), key)]
      const pair = {
        accessToken: searchParams.get('accessToken') ?? undefined,
        refreshToken: searchParams.get('refreshToken') ?? undefined,
      }
      const provider = searchParams.get('provider') ?? ''
      return openCapsules(ring, pair, { provider, did: owner, fingerprints })
    },
    sign: (path, body, privateKey = ownerKey) =>
      signOwnerJwt({
        privateKey,
        did: didOf(privateKey),
        method: 'POST',
        url: `${origin}${path}`,
        body,
        audience: origin,
        now: clock.now(),
      }),
    async second() {
      const other = await listen()
      servers.push(other.server)
      // The same public address: a load balancer stands in front of both.
      other.serve(app(origin))
      return { origin: other.origin }
    },
    async close() {
      for (const one of servers) await closed(one)
      await sandbox.close()
      await store.close()
    },
  }
}

/** A port of its own, before there is an app for it: addresses are made from the port. */
export async function listen(): Promise<{
  readonly server: Server
  readonly origin: string
  serve(app: RequestListener): void
}> {
  let app: RequestListener = (_req, res) => void res.writeHead(503).end()
  const server = createServer((req, res) => app(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, origin: `http://127.0.0.1:${port}`, serve: (listener) => void (app = listener) }
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
