/** The practice Vault's pages: they play the Vault that a deep link opens. Development alone, and on this machine's own names. */
import { Router, type RequestHandler } from 'express'
import { NodeError } from '../../errors.js'
import type { Catalog } from '../../provider/index.js'
import { vaultPage, type ConnectionView, type VaultView } from '../../web/vault-page.js'
import { isLoopbackHost } from '../http/loopback.js'
import { optionalText } from '../http/read-input.js'
import { iconPath } from '../web/asset-routes.js'
import { sendPage } from '../web/send-page.js'
import type { DevConnection, DevVaultPort } from './dev-vault-port.js'
import { DEV_DEEP_LINK, DEV_VAULT, devConnectPath } from './paths.js'
import { showAll } from './show-records.js'

export interface DevVaultDeps {
  readonly port: DevVaultPort
  readonly catalog: Catalog
  readonly publicUrl: string
  readonly production: boolean
}

/** Records of each schema that the page shows. */
const SHOWN = 12
const MAX_CAPSULE = 8192

/** @throws NodeError CONFIG_INVALID in production */
export function devVaultRoutes(deps: DevVaultDeps): Router {
  const { port, publicUrl, production } = deps
  if (production)
    throw new NodeError('CONFIG_INVALID', { detail: 'the practice Vault is not served in production' })
  const router = Router()
  router.use(DEV_VAULT, ownNamesOnly(publicUrl), ownPagesOnly)
  router.get(DEV_VAULT, async (_req, res) => sendPage(res, { page: vaultPage(await view(deps)) }))
  router.get(DEV_DEEP_LINK, async (req, res) => {
    const read = (name: string): string => {
      const value = optionalText(req.query, name, MAX_CAPSULE)
      if (value !== undefined) return value
      throw new NodeError('REQUEST_INVALID', { fields: [{ path: name, message: 'is missing' }] })
    }
    const [provider, accessToken, refreshToken] = [
      read('provider'),
      read('accessToken'),
      read('refreshToken'),
    ]
    await port.receive({ provider, accessToken, refreshToken })
    // The capsules leave the address bar.
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).redirect(303, DEV_VAULT)
  })
  router.get(devConnectPath(':provider'), async (req, res) => {
    const { did, key } = await port.owner()
    const query = new URLSearchParams({ did, key })
    // At the node's own address: the cookie must be there when the provider sends the browser back.
    const target = new URL(
      `/connect/${encodeURIComponent(String(req.params['provider']))}?${query.toString()}`,
      publicUrl,
    )
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).redirect(303, target.href)
  })
  router.post(`${DEV_VAULT}/sync/:provider`, async (req, res) => {
    await port.sync(req.params.provider)
    res.redirect(303, DEV_VAULT)
  })
  router.post(`${DEV_VAULT}/disconnect/:provider`, async (req, res) => {
    await port.disconnect(req.params.provider)
    res.redirect(303, DEV_VAULT)
  })
  return router
}

/** Another name that leads here (DNS rebinding) is of a page that must not read what the Vault decrypted. */
function ownNamesOnly(publicUrl: string): RequestHandler {
  const own = new URL(publicUrl).host
  return (req, _res, next) => {
    const host = req.get('host') ?? ''
    if (host !== own && !isLoopbackHost(host)) throw new NodeError('FORBIDDEN')
    next()
  }
}

/** Forms of other sites carry no cookie here, but the practice Vault needs none: the browser says whose form it is. */
const ownPagesOnly: RequestHandler = (req, _res, next) => {
  const site = req.get('sec-fetch-site')
  if (req.method === 'POST' && site !== undefined && site !== 'same-origin') throw new NodeError('FORBIDDEN')
  next()
}

async function view({ port, catalog }: DevVaultDeps): Promise<VaultView> {
  const [{ did }, connections, records] = await Promise.all([
    port.owner(),
    port.connections(),
    port.records(SHOWN),
  ])
  const connected = new Set(connections.map(({ provider }) => provider))
  return {
    did,
    connections: connections.map((connection) => connectionView(connection, catalog)),
    schemas: showAll(records),
    offers: catalog
      .filter(({ provider, settings }) => settings !== undefined && !connected.has(provider.id))
      .map(({ provider: { id, label } }) => ({ label, icon: iconPath(id), connect: devConnectPath(id) })),
  }
}

function connectionView(connection: DevConnection, catalog: Catalog): ConnectionView {
  const { provider: id, state, steps, account, syncedAtMs } = connection
  return {
    id,
    label: catalog.find(({ provider }) => provider.id === id)?.provider.label ?? id,
    icon: iconPath(id),
    account,
    state,
    steps,
    syncedAt: syncedAtMs === undefined ? undefined : new Date(syncedAtMs).toISOString(),
    syncPath: `${DEV_VAULT}/sync/${encodeURIComponent(id)}`,
    disconnectPath: `${DEV_VAULT}/disconnect/${encodeURIComponent(id)}`,
  }
}
