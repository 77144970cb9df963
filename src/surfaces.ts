/** Joins the use cases to their addresses: which router answers what, in which order. */
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { ErrorRequestHandler, RequestHandler, Router } from 'express'
import type { Dispatcher } from 'undici'
import { ownerAuthenticator } from './api/authentication/owner.js'
import { devVaultRoutes } from './api/dev/dev-vault-routes.js'
import { DEV_DEEP_LINK } from './api/dev/paths.js'
import { errorHandler } from './api/errors/error-handler.js'
import { refuseWrongMethods } from './api/errors/known-paths.js'
import { isLoopbackHost } from './api/http/loopback.js'
import { rateLimits } from './api/http/rate-limits.js'
import { opsRoutes } from './api/ops/ops-routes.js'
import { crossOriginRoutes } from './api/vault/cross-origin-routes.js'
import { connectRoutes } from './api/vault/connect-routes.js'
import { providerRoutes } from './api/vault/provider-routes.js'
import { redeemRoutes } from './api/vault/redeem-routes.js'
import { schemaRoutes } from './api/vault/schema-routes.js'
import { syncRoutes } from './api/vault/sync-routes.js'
import { assetRoutes } from './api/web/asset-routes.js'
import { homeRoutes } from './api/web/home-routes.js'
import { createConnect } from './connect/index.js'
import { systemNetwork } from './outbound/index.js'
import { usedJtis } from './store/index.js'
import type { SurfaceParts } from './surface-parts.js'
import { openTenantSurfaces } from './tenant-surfaces.js'
import { createDidSigners } from './vault/index.js'

export interface Surfaces {
  readonly routers: readonly (Router | RequestHandler)[]
  readonly errorHandler: ErrorRequestHandler
  close(): Promise<void>
}

const VAULT_DEEP_LINK = 'https://vault.verida.io/connection-success'

export async function openSurfaces(parts: SurfaceParts): Promise<Surfaces> {
  const { config, log, clock, publicUrl, store, keys, catalog, syncs, embedded } = parts
  const network = config.VERIDA_NETWORK
  const authenticateOwner = ownerAuthenticator({
    audience: new URL(publicUrl).origin,
    network,
    clock,
    useOnce: (jti, expiresAtMs) => usedJtis.use(store.db, jti, expiresAtMs),
    signersOf: createDidSigners({ rpcUrl: parts.rpcUrl, clock, dispatcherFor: documentReach(parts) }),
  })
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
  const tenants = await openTenantSurfaces(parts)
  const { production } = config
  const ops = opsRoutes([{ name: 'store', check: () => store.ready() }])
  const all = [
    ops,
    crossOriginRoutes(config.REDIRECT_ORIGINS),
    rateLimits({ network, perAddress: config.RATE_PER_ADDRESS, perDid: config.RATE_PER_DID }),
    assetRoutes(catalog, fileURLToPath(new URL('../providers', import.meta.url))),
    homeRoutes({ catalog, production, devVault: devVault !== undefined }),
    connectRoutes({ connect, publicUrl, network }),
    redeemRoutes({ connect, authenticateOwner }),
    ...(devVault ? [devVaultRoutes({ port: devVault, catalog, publicUrl, production })] : []),
    syncRoutes({ syncs, authenticateOwner, legacyGet: config.VAULT_LEGACY_GET, network }),
    providerRoutes(catalog, publicUrl),
    schemaRoutes(),
    ...tenants.routers,
  ]
  const routers = config.NODE_ROLE === 'worker' ? [ops] : all
  return {
    routers: [...routers, refuseWrongMethods(routers)],
    errorHandler: errorHandler({ log }),
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
