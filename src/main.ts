/** The composition root: makes every part of a node, joins them, and takes them apart again. Decides nothing else. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { providers } from '../providers/index.js'
import { schemaPathsAt } from '../schemas/index.js'
import type { Route } from './api/http/route-list.js'
import { createApp } from './app.js'
import type { Config } from './config.js'
import { openConnectorEngine } from './connector-engine.js'
import { connectorRedirectUri, operateCatalog, type OperatedProvider } from './connectors/index.js'
import { fileJournal, noJournal } from './credentials/token-journal.js'
import { refreshTokens } from './credentials/token-refresh.js'
import { startEmbedded, type Embedded } from './embedded.js'
import { startHousekeeping } from './housekeeping.js'
import { systemClock } from './lib/clock.js'
import type { JobPace } from './jobs/index.js'
import type { Log } from './lib/log.js'
import { openListener } from './listener.js'
import { openKeys } from './node-key-service.js'
import { readNodeKeys } from './node-keys.js'
import { createBudgets, createProviderHttp, type Network } from './outbound/index.js'
import { prepareServer } from './prepare-server.js'
import { openStore } from './store/index.js'
import { openSurfaces } from './surfaces.js'
import { createVaultSyncs, leaseStore, type HttpRun } from './sync/index.js'
import { databaseRows, receiptChains, stagingLedger } from './vault-store.js'
import { createVault } from './vault/index.js'
import { packageVersion } from './version.js'

export interface RunningNode {
  /** Where it listens; no slash at the end. */
  readonly url: string
  /** What a person should read at the start of a development node. */
  readonly welcome: readonly string[]
  readonly did: string
  /** `schemaPaths` for a Vault's client. */
  readonly schemaPaths: Readonly<Record<string, string>>
  /** Where sealed copies lie until they are proven. */
  readonly stagingFolder: string
  /** Every method and path that it answers. */
  readonly routes: readonly Route[]
  /** HTTP exchanges with storage nodes so far. */
  storageCalls(): number
  /** Looks at the file of keys now. @throws NodeError CONFIG_INVALID */
  rereadKeys(): void
  /** The local network that it brought along, if it did. */
  readonly embedded: Embedded | undefined
  /** Ends syncs with what they have committed, then closes everything. */
  close(): Promise<void>
}

export interface NodeOptions {
  readonly config: Config
  readonly log: Log
  /** Times of the job queue; shorter in tests. */
  readonly jobPace?: Partial<JobPace>
  /** How services of tenants' connectors are reached. Default: the system's. */
  readonly network?: Network
}

const MB = 1024 * 1024

/** @throws NodeError CONFIG_INVALID, STORE_LOCKED, STORE_UNAVAILABLE */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const closing: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (let last = closing.pop(); last !== undefined; last = closing.pop()) await last()
  }
  try {
    return await compose(options, closing, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function compose(
  { config, log, jobPace, network }: NodeOptions,
  closing: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<RunningNode> {
  const clock = systemClock
  const listener = await openListener({ host: config.HOST, port: config.PORT })
  closing.push(() => listener.close())
  const publicUrl = (config.PUBLIC_URL ?? listener.origin).replace(/\/+$/, '')

  // First of what lies in the data folder: it holds the lock against a second process.
  await prepareServer(config, log)
  const store = await openStore({
    folder: join(config.dataDir, 'store'),
    databaseUrl: config.DATABASE_URL,
  })
  closing.push(() => store.close())
  const keys = await readNodeKeys(config)
  const embedded = config.embedded
    ? await startEmbedded(config, [`${publicUrl}/auth/sandbox`, connectorRedirectUri(publicUrl, 'sandbox')])
    : undefined
  if (embedded) closing.push(() => embedded.close())

  const rpcUrl = embedded?.rpcUrl ?? config.VERIDA_RPC_URL ?? ''
  const holder = `${hostname()}:${process.pid}:${randomUUID()}`
  const leases = leaseStore(store, clock, holder)
  const vault = createVault({
    network: config.VERIDA_NETWORK,
    rpcUrl,
    privateKey: keys.identity,
    gasKey: config.VERIDA_GAS_KEY,
    contextName: config.VERIDA_CONTEXT_NAME,
    storageNodes: embedded?.storageNodes ?? config.VERIDA_STORAGE_NODES,
    didEndpoints: embedded?.didEndpoints ?? config.VERIDA_DID_ENDPOINTS,
    dataDir: config.dataDir,
    stagingMaxBytes: config.STAGING_MAX_MB * MB,
    verifyNodes: config.VERIFY_NODES,
    verify: config.VERIFY,
    signRecords: config.SIGN_RECORDS,
    databaseRows: databaseRows(store, clock),
    stagingLedger: stagingLedger(store, clock),
    receiptChains: receiptChains(store),
    secrets: keys.secrets,
    leases,
    clock,
    log,
  })
  closing.push(() => vault.close())

  const operating = await operateCatalog({ store, clock, log }, operated(config, embedded))
  closing.push(() => operating.stop())
  const { catalog } = operating
  const budgets = createBudgets(clock)
  const journal = store.dialect === 'pglite' ? fileJournal(join(config.dataDir, 'tokens')) : noJournal
  const reach = network === undefined ? {} : { network }
  const run = {
    leases,
    limits: { ms: config.SLICE_MS, records: config.SLICE_RECORDS, bytes: config.SLICE_MB * MB },
    fetchMs: config.SLICE_MS,
    providerHttp: ({ grant, ...facts }: HttpRun) =>
      createProviderHttp({ ...facts, ...reach, tokenSource: grant, clock, log, budgets }),
  }
  const grants = {
    store,
    ring: keys.ring,
    secrets: keys.secrets,
    journal,
    clock,
  }
  const syncs = createVaultSyncs({
    catalog,
    ...run,
    grants,
    destination: vault.destination,
    requests: vault.requestRecords,
    signer: vault.signer,
    log,
    server: { serverDid: vault.did, signerDid: vault.did, contextName: vault.contextName },
    maxConcurrentSyncs: config.MAX_CONCURRENT_SYNCS,
    holder,
    alone: store.dialect === 'pglite',
    refreshTokens: (use, tokens) => refreshTokens({ clock, log, budgets }, use, tokens),
  })
  closing.push(() => syncs.close())
  const engine = await openConnectorEngine({
    ...run,
    ...reach,
    config,
    log,
    clock,
    store,
    keys,
    catalog,
    publicUrl,
    journal,
    budgets,
    vault,
    ...(jobPace !== undefined && { jobPace }),
  })
  closing.push(() => engine.inbound.close())
  closing.push(() => engine.jobs.stop())
  const keyService = openKeys({ store, keys, log })
  closing.push(() => keyService.close())
  const housekeeping = startHousekeeping({ store, clock, log })
  closing.push(() => housekeeping.stop())

  await syncs.recover()
  await engine.jobs.start()
  const schemaPaths = schemaPathsAt(listener.origin)
  const surfaces = await openSurfaces({
    version: packageVersion(),
    config,
    log,
    clock,
    origin: listener.origin,
    publicUrl,
    rpcUrl,
    server: { serverDid: vault.did, signerDid: vault.did, contextName: vault.contextName },
    store,
    keys,
    catalog,
    operating,
    syncs,
    budgets,
    engine,
    keyService,
    embedded,
    schemaPaths,
  })
  closing.push(() => surfaces.close())
  listener.serve(createApp({ log, trustProxy: config.TRUST_PROXY, ...surfaces }))
  // Beside the requests: a storage node that is down must not keep the node from answering.
  const settled = vault
    .checkStorageNodes()
    .then(() => vault.recoverLeftovers())
    .then(async (found) => ({ ...found, ...(await keyService.reseal()) }))
    .then(
      (found) => log.info('storage.ready', found),
      (error: unknown) => log.warn('storage.unreachable', { error }),
    )
  closing.push(() => settled)
  log.info('node.started', { url: listener.origin, publicUrl, did: vault.did, embedded: config.embedded })
  return {
    url: listener.origin,
    welcome: welcomeOf(publicUrl, embedded),
    did: vault.did,
    schemaPaths,
    stagingFolder: join(config.dataDir, 'staging'),
    routes: surfaces.routes,
    rereadKeys: () => keyService.reread(),
    storageCalls: () => vault.storageCalls(),
    embedded,
    close,
  }
}

function operated(config: Config, embedded: Embedded | undefined): readonly OperatedProvider[] {
  return providers.map((provider) => ({
    provider,
    read(overrides) {
      if (provider.id === 'sandbox' && embedded)
        return { settings: { ...embedded.sandboxSettings, ...overrides }, missingSettings: [] }
      const read = config.providerSettings(provider.id, provider.settings, overrides)
      return read.kind === 'set'
        ? { settings: read.settings, missingSettings: [] }
        : { missingSettings: read.names, partialSettings: read.settings }
    },
  }))
}

function welcomeOf(publicUrl: string, embedded: Embedded | undefined): readonly string[] {
  const lines = ['', `  The node is at ${publicUrl}`]
  if (embedded) {
    lines.push(
      '  A development node: its own local Verida network, its own secrets, a practice provider.',
      `  Connect an account at ${publicUrl}/ and look at the records at ${publicUrl}/dev/vault`,
    )
  }
  return [...lines, '']
}
