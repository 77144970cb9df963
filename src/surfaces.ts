/** Joins the use cases to their addresses: which router answers what, in which order. */
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { ErrorRequestHandler, RequestHandler, Router } from 'express'
import type { Dispatcher } from 'undici'
import { ownerAuthenticator, ownerTokenReader } from './api/authentication/owner.js'
import { devVaultRoutes } from './api/dev/dev-vault-routes.js'
import { DEV_DEEP_LINK } from './api/dev/paths.js'
import { errorHandler } from './api/errors/error-handler.js'
import { refuseWrongMethods } from './api/errors/known-paths.js'
import { isLoopbackHost } from './api/http/loopback.js'
import { rateLimits } from './api/http/rate-limits.js'
import { routesOf, type Route } from './api/http/route-list.js'
import { documentRoutes } from './api/openapi/document-routes.js'
import { deliveryRoutes } from './api/ops/delivery-routes.js'
import { keyRoutes } from './api/ops/key-routes.js'
import { opsRoutes } from './api/ops/ops-routes.js'
import { crossOriginRoutes } from './api/vault/cross-origin-routes.js'
import { connectRoutes } from './api/vault/connect-routes.js'
import { ownedConnectionRoutes } from './api/vault/owned-connection-routes.js'
import { providerRoutes } from './api/vault/provider-routes.js'
import { redeemRoutes } from './api/vault/redeem-routes.js'
import { schemaRoutes } from './api/vault/schema-routes.js'
import { syncRoutes } from './api/vault/sync-routes.js'
import { assetRoutes } from './api/web/asset-routes.js'
import { nodeAuditRoutes } from './api/ops/audit-routes.js'
import { pageCursors } from './api/http/page-cursor.js'
import { inboundRoutes } from './api/webhooks/inbound-routes.js'
import { homeRoutes } from './api/web/home-routes.js'
import { createConnect } from './connect/index.js'
import { systemNetwork } from './outbound/index.js'
import { usedJtis } from './store/index.js'
import type { SurfaceParts } from './surface-parts.js'
import { openTenantSurfaces } from './tenant-surfaces.js'
import { createDidSigners } from './vault/index.js'

export interface Surfaces {
  /** Before any body is read. */
  readonly rawRouters: readonly Router[]
  readonly routers: readonly (Router | RequestHandler)[]
  readonly errorHandler: ErrorRequestHandler
  /** Every method and path that is answered. */
  readonly routes: readonly Route[]
  close(): Promise<void>
}

const VAULT_DEEP_LINK = 'https://vault.verida.io/connection-success'

export async function openSurfaces(parts: SurfaceParts): Promise<Surfaces> {
  const { config, log, clock, publicUrl, store, keys, catalog, syncs, embedded } = parts
  const network = config.VERIDA_NETWORK
  const ownerPorts = {
    audience: new URL(publicUrl).origin,
    network,
    clock,
    useOnce: (jti: string, expiresAtMs: number) => usedJtis.use(store.db, jti, expiresAtMs),
    signersOf: createDidSigners({ rpcUrl: parts.rpcUrl, clock, dispatcherFor: documentReach(parts) }),
  }
  const authenticateOwner = ownerAuthenticator(ownerPorts)
  const connect = createConnect({
    store,
    ring: keys.ring,
    secrets: keys.secrets,
    catalog,
    publicUrl,
    deepLinkBase: config.VAULT_DEEP_LINK ?? (embedded ? `${publicUrl}${DEV_DEEP_LINK}` : VAULT_DEEP_LINK),
    redirectOrigins: config.REDIRECT_ORIGINS,
    clock,
    log,
    outbound: { budgets: parts.budgets },
  })
  const devVault = await openDevVault(parts)
  const tenants = await openTenantSurfaces({ ...parts, readOwnerToken: ownerTokenReader(ownerPorts) })
  const { production } = config
  const ops = opsRoutes([
    { name: 'store', check: () => store.ready() },
    { name: 'queue', check: () => parts.engine.jobs.ready() },
  ])
  const keyOps = keyRoutes({ keys: parts.keyService, operatorToken: config.OPERATOR_TOKEN })
  const deliveryOps = deliveryRoutes({
    counts: () => parts.engine.inbound.counts(),
    operatorToken: config.OPERATOR_TOKEN,
  })
  const auditOps = nodeAuditRoutes({
    connectors: parts.engine.connectors,
    cursors: pageCursors(keys.ring),
    operatorToken: config.OPERATOR_TOKEN,
  })
  const all = [
    ops,
    keyOps,
    deliveryOps,
    auditOps,
    crossOriginRoutes(config.REDIRECT_ORIGINS),
    rateLimits({ network, perAddress: config.RATE_PER_ADDRESS, perDid: config.RATE_PER_DID }),
    assetRoutes(catalog, fileURLToPath(new URL('../providers', import.meta.url))),
    homeRoutes({ catalog, production, devVault: devVault !== undefined }),
    connectRoutes({ connect, publicUrl, network }),
    redeemRoutes({ connect, authenticateOwner }),
    ...(devVault ? [devVaultRoutes({ port: devVault, catalog, publicUrl, production })] : []),
    syncRoutes({ syncs, authenticateOwner, legacyGet: config.VAULT_LEGACY_GET, network }),
    ownedConnectionRoutes({ owned: parts.engine.owned, authenticateOwner, server: parts.server }),
    providerRoutes(catalog, publicUrl),
    schemaRoutes(),
    documentRoutes({ version: parts.version, publicUrl, apiPrefix: config.API_PREFIX }),
    ...tenants.routers,
  ]
  const isWorker = config.NODE_ROLE === 'worker'
  const routers = isWorker ? [ops, keyOps] : all
  const rawRouters = isWorker ? [] : [inboundRoutes({ inbound: parts.engine.inbound, publicUrl })]
  const asked = [...rawRouters, ...routers]
  return {
    rawRouters,
    routers: [...routers, refuseWrongMethods(asked)],
    errorHandler: errorHandler({ log, apiPrefix: config.API_PREFIX }),
    routes: routesOf(asked),
    async close() {
      tenants.close()
      await devVault?.close()
    },
  }
}

/** Anybody can register a DID whose document is at an address of his choice: beyond a local network only public ones are asked, and the operator's own. */
function documentReach({ config, rpcUrl }: SurfaceParts): (url: string) => Dispatcher {
  const isLocal = URL.canParse(rpcUrl) && isLoopbackHost(new URL(rpcUrl).host)
  const own = new Set(config.VERIDA_DID_ENDPOINTS.map((url) => new URL(url).origin))
  return (url) => systemNetwork.dispatcher(isLocal || own.has(new URL(url).origin) ? 'operator' : 'public')
}

async function openDevVault({ config, embedded, origin, publicUrl, schemaPaths }: SurfaceParts) {
  if (embedded === undefined || config.production) return undefined
  // Loaded here: a node on a real network has no practice Vault.
  const { createDevVault } = await import('./dev-vault.js')
  const folder = join(config.dataDir, 'dev-vault')
  return createDevVault({ folder, embedded, schemaPaths, origin, publicUrl })
}
