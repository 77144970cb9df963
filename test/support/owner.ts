/** An owner for end-to-end tests: a Vault in a process of its own, and its calls to a node. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  openVault,
  type PullReport,
  type VaultApp,
  type VaultSyncInfo,
} from '../../src/devnet/vault-app/index.js'
import { vaultHttp, type SyncAnswer, type VaultHttp } from '../../src/devnet/vault-http.js'
import type { TestDevnet } from './devnet.js'

export interface Owner {
  readonly did: string
  readonly key: string
  readonly vault: VaultApp
  /** The owner's calls to the node at this address. */
  at(url: string, key?: string): VaultHttp
  /** Waits for a sync's record. */
  await(answer: SyncAnswer): Promise<VaultSyncInfo>
  /** Pulls what a sync announced. */
  pull(answer: SyncAnswer, info: VaultSyncInfo): Promise<PullReport>
  /** Hash over all records of these schemas as the Vault reads them, without ids, revisions and signatures. */
  contentDigest(schemas: readonly string[]): Promise<string>
  close(): Promise<void>
}

const WAIT_MS = 60_000

export async function openOwner(devnet: TestDevnet, name: string): Promise<Owner> {
  const folder = join(devnet.folder, `vault-${name}`)
  await mkdir(folder, { recursive: true })
  const key = randomBytes(32).toString('hex')
  const vault = await openVault({
    folder,
    privateKey: `0x${randomBytes(32).toString('hex')}`,
    network: 'testnet',
    rpcUrl: devnet.rpcUrl,
    storageNodes: devnet.storageNodes.map(({ url }) => url),
    didEndpoints: devnet.didEndpoints,
    schemaPaths: devnet.schemaPaths,
  })
  const did = await vault.did()
  return {
    did,
    key,
    vault,
    at: (url, otherKey = key) =>
      vaultHttp({
        url,
        did,
        key: otherKey,
        sign: ({ body, ...request }) =>
          vault.signedRequest({ ...request, ...(body === undefined ? {} : { body: String(body) }) }),
      }),
    await: (answer) => vault.awaitSync({ ...answer, key, timeoutMs: WAIT_MS, pollMs: 200 }),
    pull: (answer, info) => vault.pull({ ...answer, schemas: info.schemas }),
    async contentDigest(schemas) {
      const hash = createHash('sha256')
      for (const schema of [...schemas].sort()) {
        const records = await vault.records({ schema, limit: 100_000 })
        for (const record of records.map(contentOf).sort()) hash.update(`${schema} ${record}\n`)
      }
      return hash.digest('hex')
    },
    close: () => vault.close(),
  }
}

function contentOf(record: Readonly<Record<string, unknown>>): string {
  const own = Object.entries(record).filter(([name]) => !['_id', '_rev', 'signatures'].includes(name))
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)))
}
