/** One owner's Vault, on Verida's own client and account. Its context is made at the first need of it. */
import { signOwnerJwt } from '../../lib/owner-jwt.js'
import { awaitSync } from './await-sync.js'
import { openDocuments } from './documents.js'
import type { PullInput, SharedDatabase, ServerContext, VaultRequests, VaultSettings } from './messages.js'
import { readFile } from './read-file.js'
import { pullDatabases } from './pull.js'
import type { Documents, Vault } from './vault.js'
import { withServerDatastore } from './server-database.js'
import {
  AutoAccount,
  Client,
  type VeridaAccount,
  type VeridaClient,
  type VeridaContext,
} from './verida-client.js'

/** The context of the mobile Vault. */
const CONTEXT_NAME = 'Verida: Vault'
// Without lists: the client takes a list of writers that does not name the server itself for "read only".
const EDIT_PERMISSIONS = { read: 'users', write: 'users' } as const

export type Session = {
  readonly [M in Exclude<keyof VaultRequests, 'open'>]: (
    input: VaultRequests[M]['input'],
  ) => Promise<VaultRequests[M]['output']>
}

export function createSession(settings: VaultSettings): Session {
  const account = createAccount(settings)
  const client = createClient(settings)
  let context: Promise<VeridaContext> | undefined
  const copies = new Map<string, Promise<Documents>>()
  const known = new Map<string, ServerContext & SharedDatabase>()
  const ownDatastores = settings.ownDatastores ?? false
  const vault: Vault = {
    client,
    ownDatastores,
    context: () =>
      (context ??= openContext(client, account).catch((error: unknown) => {
        // The network may be up at the next request.
        context = undefined
        throw error
      })),
    documents(schema) {
      const opened =
        copies.get(schema) ??
        openDocuments(vault, schema).catch((error: unknown) => {
          copies.delete(schema)
          throw error
        })
      copies.set(schema, opened)
      return opened
    },
  }
  return {
    async did() {
      return account.did()
    },
    async awaitSync(input) {
      return awaitSync(await vault.context(), await account.did(), input)
    },
    async pull(input: PullInput) {
      for (const [schema, database] of Object.entries(input.schemas))
        known.set(schema, { ...input, ...database })
      return pullDatabases(vault, await account.did(), input)
    },
    async records({ schema, limit }) {
      return (await vault.documents(schema)).first(limit)
    },
    async file(input) {
      return readFile(vault, input)
    },
    async edit({ schema, id, changes }) {
      const database = known.get(schema)
      if (!database) throw new Error(`nothing was pulled for ${schema} yet`)
      const opening = { ...database, schema, permissions: EDIT_PERMISSIONS }
      return withServerDatastore(await vault.context(), opening, (datastore) => datastore.edit(id, changes))
    },
    async signedRequest(request) {
      const privateKey = Buffer.from(settings.privateKey.replace(/^0x/, ''), 'hex')
      return signOwnerJwt({ ...request, privateKey, did: await account.did(), now: Date.now() })
    },
  }
}

function createAccount({
  privateKey,
  network,
  rpcUrl,
  storageNodes,
  didEndpoints,
}: VaultSettings): VeridaAccount {
  const endpointUri = storageNodes.map(withSlash)
  // Any gas limit: without one the client asks a gas station on the internet.
  const web3Config = { privateKey, rpcUrl, gasLimit: 3_000_000 }
  const didClientConfig = {
    rpcUrl,
    callType: 'web3',
    web3Config,
    didEndpoints: didEndpoints.map(withSlash),
  } as const
  return new AutoAccount(
    { privateKey, environment: network, didClientConfig },
    {
      defaultDatabaseServer: { type: 'VeridaDatabase', endpointUri },
      defaultMessageServer: { type: 'VeridaMessage', endpointUri },
    },
  )
}

function createClient({ network, rpcUrl, schemaPaths }: VaultSettings): VeridaClient {
  return new Client({ environment: network, didClientConfig: { network, rpcUrl }, schemaPaths })
}

async function openContext(client: VeridaClient, account: VeridaAccount): Promise<VeridaContext> {
  await client.connect(account)
  const context = await client.openContext(CONTEXT_NAME, true)
  if (!context) throw new Error('the Vault could not open its own context')
  return context
}

/** The client joins paths by plain concatenation. */
function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
