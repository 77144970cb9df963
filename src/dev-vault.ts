/** The Vault of a development node: plays the owner's side over the node's own addresses, with Verida's client in a process of its own. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DevConnection, DevLink, DevStep, DevVaultPort } from './api/dev/dev-vault-port.js'
import { keptSecret } from './credentials/secret-files.js'
import { openVault, type PullReport, type VaultApp } from './devnet/vault-app/index.js'
import { NodeRefused, vaultHttp } from './devnet/vault-http.js'
import type { Embedded } from './embedded.js'
import { NodeError, toNodeError } from './errors.js'
import type { JsonObject } from './lib/canonical-json.js'
import { signOwnerJwt } from './lib/owner-jwt.js'
import { reveal } from './lib/redacted.js'
import { addressOf, publicKeyOf } from './lib/secp256k1.js'
import { checkReceipts, type Receipt } from './sync/index.js'

export interface DevVaultOptions {
  /** The Vault's own; made when missing. */
  readonly folder: string
  readonly embedded: Embedded
  readonly schemaPaths: Readonly<Record<string, string>>
  /** Where the node listens, and what its owners sign for. */
  readonly origin: string
  readonly publicUrl: string
}

export interface DevVault extends DevVaultPort {
  close(): Promise<void>
}

interface Owner {
  readonly did: string
  readonly key: string
  readonly privateKey: Buffer
}

const LABELS = [
  'Ask the node to sync',
  'Wait until every storage node holds it',
  'Pull and decrypt',
  'Check the receipts',
  'Tell the node that it is done',
] as const

/** As long as the mobile Vault waits. */
const WAIT_MS = 50_000
const POLL_MS = 500

export async function createDevVault(options: DevVaultOptions): Promise<DevVault> {
  const { folder, embedded, schemaPaths, origin, publicUrl } = options
  const owner = await keptOwner(folder)
  const linksFile = join(folder, 'connections.json')
  const links = new Map((await readLinks(linksFile)).map((link) => [link.provider, link]))
  const runs = new Map<string, DevConnection>()
  const pulled = new Map<string, PullReport['schemas']>()
  const running = new Set<Promise<void>>()
  let app: Promise<VaultApp> | undefined

  const vault = (): Promise<VaultApp> =>
    (app ??= mkdir(join(folder, 'client'), { recursive: true }).then(() =>
      openVault({
        folder: join(folder, 'client'),
        privateKey: `0x${owner.privateKey.toString('hex')}`,
        network: 'testnet',
        rpcUrl: embedded.rpcUrl,
        storageNodes: embedded.storageNodes,
        didEndpoints: embedded.didEndpoints,
        schemaPaths,
      }),
    ))

  const keepLinks = (): Promise<void> =>
    writeFile(linksFile, JSON.stringify([...links.values()]), { mode: 0o600 })

  const http = vaultHttp({
    url: publicUrl,
    origin,
    did: owner.did,
    key: owner.key,
    sign: async (request) =>
      signOwnerJwt({ ...request, privateKey: owner.privateKey, did: owner.did, now: Date.now() }),
  })

  async function play(link: DevLink, step: (detail: string) => void): Promise<string | undefined> {
    const { provider, accessToken, refreshToken } = link
    const answer = await http.syncByPost(provider, { accessToken, refreshToken })
    step('the request record is on the storage nodes')
    const opened = await vault()
    const wait = { ...answer, key: owner.key, timeoutMs: WAIT_MS, pollMs: POLL_MS }
    const info = await opened.awaitSync(wait)
    if (info.newAuth !== undefined) {
      links.set(provider, { provider, ...info.newAuth })
      await keepLinks()
    }
    step(info.newAuth === undefined ? 'complete' : 'complete, with fresh capsules')
    const report = await opened.pull({ ...answer, schemas: info.schemas })
    pulled.set(provider, report.schemas)
    const all = Object.values(report.schemas)
    const sum = (member: 'pulled' | 'valid'): number => all.reduce((total, one) => total + one[member], 0)
    step(`${sum('pulled')} records of ${all.length} schemas, ${sum('valid')} valid`)
    const receipts = (info['receipts'] ?? []) as readonly Receipt[]
    const faults = checkReceipts(receipts, { did: answer.serverDid, pulled: report.schemas })
    if (faults.length > 0) throw new NodeError('VERIFY_MISMATCH', { detail: faults.join('; ') })
    step(`${receipts.length} receipts: signed by the node, and nothing is missing`)
    await http.post(`/syncDone/${provider}`, {})
    step('nothing is left on the node')
    return (info['profile'] as { readonly name?: string } | undefined)?.name
  }

  function begin(link: DevLink): void {
    const { provider } = link
    const steps: DevStep[] = LABELS.map((label, at) => ({ label, state: at === 0 ? 'running' : 'waiting' }))
    let at = 0
    const known = runs.get(provider)
    const show = (state: DevConnection['state'], more: Partial<DevConnection> = {}): void => {
      runs.set(provider, { ...known, ...more, provider, state, steps: [...steps] })
    }
    const turn = (state: DevStep['state'], detail: string): void => {
      steps[at] = { label: LABELS[at] ?? '', state, detail }
    }
    show('running')
    const run = play(link, (detail) => {
      turn('done', detail)
      at += 1
      if (at < steps.length) steps[at] = { label: LABELS[at] ?? '', state: 'running' }
      show('running')
    }).then(
      (account) => show('ready', { syncedAtMs: Date.now(), ...(account === undefined ? {} : { account }) }),
      (error: unknown) => {
        turn('failed', reasonOf(error))
        show('failed', { syncedAtMs: Date.now() })
      },
    )
    running.add(run)
    void run.finally(() => running.delete(run))
  }

  const linkOf = (provider: string): DevLink => {
    const link = links.get(provider)
    if (link === undefined) throw new NodeError('PROVIDER_UNKNOWN')
    return link
  }

  return {
    owner: async () => ({ did: owner.did, key: owner.key }),
    async receive(link) {
      links.set(link.provider, link)
      await keepLinks()
      begin(link)
    },
    async sync(provider) {
      const link = linkOf(provider)
      if (runs.get(provider)?.state !== 'running') begin(link)
    },
    async disconnect(provider) {
      const { accessToken, refreshToken } = linkOf(provider)
      await http.post(`/disconnect/${provider}`, { accessToken, refreshToken })
      links.delete(provider)
      runs.delete(provider)
      pulled.delete(provider)
      await keepLinks()
    },
    async connections() {
      return [...links.keys()].map(
        (provider) => runs.get(provider) ?? { provider, state: 'ready', steps: [] },
      )
    },
    async records(limitPerSchema) {
      if (app === undefined) return []
      const opened = await vault()
      const schemas = [...pulled.values()].flatMap((one) => Object.entries(one))
      return Promise.all(
        schemas.map(async ([schema, report]) => ({
          schema,
          total: report.pulled,
          records: (await opened.records({ schema, limit: limitPerSchema })) as readonly JsonObject[],
        })),
      )
    },
    async close() {
      const opened = await app?.catch((error: unknown) => toNodeError(error))
      if (opened !== undefined && !(opened instanceof NodeError)) await opened.close()
      await Promise.all(running)
    },
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NodeError) return error.detail ?? error.publicMessage
  if (error instanceof NodeRefused) return `the node answered ${error.status} ${error.code}`
  return error instanceof Error ? error.message : String(error)
}

async function keptOwner(folder: string): Promise<Owner> {
  const privateKey = Buffer.from(
    reveal(await keptSecret(folder, 'identity', () => randomBytes(32).toString('hex'))),
    'hex',
  )
  const key = reveal(await keptSecret(folder, 'key', () => randomBytes(32).toString('hex')))
  return { did: `did:vda:testnet:${addressOf(publicKeyOf(privateKey))}`, key, privateKey }
}

async function readLinks(file: string): Promise<readonly DevLink[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as readonly DevLink[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new NodeError('CONFIG_INVALID', { detail: `${file} cannot be read; remove it`, cause: error })
  }
}
