/** The yardstick of P2: Verida's client saves records one by one into its own datastore. Run by p2-one-by-one.ts only, in an empty folder. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { schemaUri } from '../schemas/index.js'
import { AutoAccount, Client } from '../src/devnet/vault-app/verida-client.js'
import type { ServicesReady } from './services.js'

export interface SaveOptions {
  readonly services: ServicesReady
  readonly saves: number
}
export type SaveResult = { readonly msPerRecord: number } | { readonly error: string }

process.once('message', (options: SaveOptions) => {
  const folder = mkdtempSync(join(tmpdir(), 'connector-node-bench-client-'))
  process.chdir(folder)
  // Until then its replication goes on.
  process.once('disconnect', () => {
    rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  })
  save(options)
    .then((msPerRecord): SaveResult => ({ msPerRecord }))
    .catch((error: unknown): SaveResult => ({ error: String(error) }))
    .then((result) => {
      process.send?.(result)
    })
    .catch((error: unknown) => {
      throw error
    })
})

async function save({ services, saves }: SaveOptions): Promise<number> {
  const privateKey = `0x${randomBytes(32).toString('hex')}`
  const endpointUri = [services.storageNode]
  const { rpcUrl } = services
  const account = new AutoAccount(
    {
      privateKey,
      environment: 'testnet',
      didClientConfig: {
        rpcUrl,
        callType: 'web3',
        web3Config: { privateKey, rpcUrl, gasLimit: 3_000_000 },
        didEndpoints: [services.didEndpoint],
      },
    },
    {
      defaultDatabaseServer: { type: 'VeridaDatabase', endpointUri },
      defaultMessageServer: { type: 'VeridaMessage', endpointUri },
    },
  )
  const client = new Client({
    environment: 'testnet',
    didClientConfig: { network: 'testnet', rpcUrl },
    schemaPaths: services.schemaPaths,
  })
  await client.connect(account)
  const context = await client.openContext('Bench: upstream', true)
  if (!context) throw new Error('no context')
  const datastore = await context.openDatastore(schemaUri('social/post'))
  await datastore.save(post(0))
  const began = performance.now()
  for (let at = 1; at <= saves; at += 1) {
    if ((await datastore.save(post(at))) === false) throw new Error(JSON.stringify(datastore.errors))
  }
  return (performance.now() - began) / saves
}

function post(at: number): object {
  return {
    _id: `sandbox-maya-${at}`,
    name: `Post ${at}`,
    type: 'status',
    uri: `https://sandbox.example/posts/${at}`,
    content: `Post ${at}. `.padEnd(700, 'All work and no play. '),
    insertedAt: new Date(1_700_000_000_000 + at * 60_000).toISOString(),
    sourceApplication: 'https://sandbox.example',
    sourceId: String(at),
  }
}
