/** A connector server of the old kind, on Verida's own client, in a process and folder of its own: what the Vault's tests pull from. */
import { createRequire } from 'node:module'
import type { Pouch } from '../../../src/devnet/vault-app/pouch.js'

export interface ServerSettings {
  readonly privateKey: string
  readonly rpcUrl: string
  readonly storageNodes: readonly string[]
  readonly didEndpoints: readonly string[]
  readonly schemaPaths: Readonly<Record<string, string>>
}
export interface SaveOrder {
  readonly schema: string
  readonly databaseName: string
  readonly encryptionKey: string
  readonly owner: string
  readonly records: readonly (Readonly<Record<string, unknown>> & { readonly _id: string })[]
  readonly deletions?: readonly string[]
}
export type ServerOrder =
  | { readonly kind: 'start'; readonly settings: ServerSettings }
  | { readonly kind: 'save'; readonly order: SaveOrder }
export type ServerAnswer = { readonly did: string } | { readonly error: string }

export const SERVER_CONTEXT = 'Test: Connector'

interface Database {
  getLocalEncrypted(): Promise<Pouch>
  getRemoteEncrypted(): Promise<Pouch>
}
interface Datastore {
  save(record: object, options: object): Promise<object | false>
  delete(id: string): Promise<unknown>
  getDb(): Promise<Database>
  readonly errors: unknown
}
interface Account {
  did(): Promise<string>
}
interface Context {
  openDatastore(schema: string, config: object): Promise<Datastore>
}
interface Client {
  connect(account: Account): Promise<void>
  openContext(name: string, create: boolean): Promise<Context>
}
const load = createRequire(import.meta.url)
const { Client: ClientClass } = load('@verida/client-ts') as { Client: new (config: object) => Client }
const { AutoAccount } = load('@verida/account-node') as { AutoAccount: new (...config: object[]) => Account }

let started: { readonly did: string; readonly context: Context } | undefined

async function start({ privateKey, rpcUrl, storageNodes, didEndpoints, schemaPaths }: ServerSettings) {
  const web3Config = { privateKey, rpcUrl, gasLimit: 3_000_000 }
  const account = new AutoAccount(
    {
      privateKey,
      environment: 'testnet',
      didClientConfig: { network: 'testnet', rpcUrl, callType: 'web3', web3Config, didEndpoints },
    },
    {
      defaultDatabaseServer: { type: 'VeridaDatabase', endpointUri: storageNodes },
      defaultMessageServer: { type: 'VeridaMessage', endpointUri: storageNodes },
    },
  )
  const client = new ClientClass({
    environment: 'testnet',
    didClientConfig: { network: 'testnet', rpcUrl },
    schemaPaths,
  })
  await client.connect(account)
  return { did: await account.did(), context: await client.openContext(SERVER_CONTEXT, true) }
}

async function save(context: Context, order: SaveOrder): Promise<void> {
  const owner = order.owner.toLowerCase()
  const datastore = await context.openDatastore(order.schema, {
    databaseName: order.databaseName,
    encryptionKey: Buffer.from(order.encryptionKey, 'hex'),
    permissions: { read: 'users', write: 'users', readList: [owner], writeList: [owner] },
    saveDatabase: false,
  })
  for (const record of order.records) {
    const saved = await datastore.save({ ...record }, { forceUpdate: true })
    if (saved === false) throw new Error(`not valid: ${JSON.stringify(datastore.errors)}`)
  }
  for (const id of order.deletions ?? []) await datastore.delete(id)
  const database = await datastore.getDb()
  const sealed = await database.getLocalEncrypted()
  const filter = (doc: { readonly _id: string }) => !doc._id.startsWith('_design')
  await sealed.replicate.to(await database.getRemoteEncrypted(), { filter })
}

async function obey(message: ServerOrder): Promise<ServerAnswer> {
  try {
    if (message.kind === 'start') started = await start(message.settings)
    if (!started) throw new Error('not started')
    if (message.kind === 'save') await save(started.context, message.order)
    return { did: started.did }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

if (process.send) {
  process.on('message', (message: ServerOrder) => void obey(message).then((answer) => process.send?.(answer)))
  process.on('disconnect', () => process.exit(0))
}
