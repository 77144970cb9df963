/** The machine's edge in a process of its own: a storage node with its network, and the practice service. Run by bench-node.ts only. */
import { join } from 'node:path'
import { startDevnet } from '../src/devnet/index.js'
import { startSandboxService } from '../src/devnet/sandbox-service/index.js'

export interface ServicesOptions {
  readonly folder: string
  readonly posts: number
  readonly pageSize: number
}

export interface ServicesReady {
  readonly rpcUrl: string
  readonly storageNode: string
  readonly couchUrl: string
  /** Holds one folder per database that was ever opened. */
  readonly databasesFolder: string
  readonly admin: { readonly name: string; readonly password: string }
  readonly didEndpoint: string
  readonly schemaPaths: Readonly<Record<string, string>>
  readonly sandbox: { readonly origin: string; readonly secret: string; readonly adminToken: string }
  /** What a first sync of an account writes: items that are neither broken nor left out. */
  readonly records: number
}

const ADMIN_TOKEN = 'bench'

process.once('message', (options: ServicesOptions) => void start(options))
process.on('disconnect', () => process.exit(0))

async function start({ folder, posts, pageSize }: ServicesOptions): Promise<void> {
  const devnet = await startDevnet({ folder, nodes: 1, port: 0, storageLimit: Number.MAX_SAFE_INTEGER })
  const sandbox = await startSandboxService({
    port: 0,
    host: '127.0.0.1',
    posts,
    followings: 0,
    files: 0,
    events: 0,
    pageSize,
    adminToken: ADMIN_TOKEN,
  })
  const [node] = devnet.storageNodes
  if (node === undefined) throw new Error('the network has no storage node')
  const ready: ServicesReady = {
    rpcUrl: devnet.rpcUrl,
    storageNode: node.url,
    couchUrl: node.couchUrl,
    databasesFolder: join(node.folder, 'databases'),
    admin: node.admin,
    didEndpoint: devnet.didEndpoints[0] ?? '',
    schemaPaths: devnet.schemaPaths,
    sandbox: { origin: sandbox.origin, secret: sandbox.client.secret, adminToken: ADMIN_TOKEN },
    records: sandbox.expected.posts.records + sandbox.expected.calendars.records,
  }
  process.send?.(ready)
}
