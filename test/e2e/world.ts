/** What a node needs around it, for one end-to-end file: a local network, the practice service, and a folder that goes with them. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandboxService, type SandboxService } from '../../src/devnet/sandbox-service/index.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'

export interface World {
  readonly devnet: TestDevnet
  readonly sandbox: SandboxService
  /** Of the nodes; the network has its own. */
  readonly folder: string
  /** Settings of a node in this world, as in `.env.example`. Its secrets are made in its own DATA_DIR. */
  environment(more?: Readonly<Record<string, string>>): Readonly<Record<string, string>>
  /** Lets the practice service send people back to this node. */
  welcome(node: { readonly url: string }): Promise<void>
  /** Names of all databases on each storage node. */
  databases(): Promise<readonly (readonly string[])[]>
  close(): Promise<void>
}

export const PROVIDER = 'sandbox'
const CONTENT = { posts: 120, followings: 30, files: 20, events: 20, pageSize: 40 }

export async function openWorld(options: { readonly storageNodes?: number } = {}): Promise<World> {
  const devnet = await testDevnet({ nodes: options.storageNodes ?? 1 })
  const folder = await mkdtemp(join(tmpdir(), 'node-e2e-'))
  const sandbox = await startSandboxService({ port: 0, host: '127.0.0.1', ...CONTENT })
  const identity = randomBytes(32).toString('hex')
  return {
    devnet,
    sandbox,
    folder,
    environment: (more = {}) => ({
      DATA_DIR: join(folder, 'node'),
      PORT: '0',
      VERIDA_PRIVATE_KEY: identity,
      VERIDA_RPC_URL: devnet.rpcUrl,
      VERIDA_STORAGE_NODES: devnet.storageNodes.map(({ url }) => url).join(','),
      VERIDA_DID_ENDPOINTS: devnet.didEndpoints.join(','),
      SANDBOX_ORIGIN: sandbox.origin,
      SANDBOX_CLIENT_SECRET: sandbox.client.secret,
      // The suites ask more often than a person does.
      RATE_PER_ADDRESS: '100000',
      RATE_PER_DID: '100000',
      ...more,
    }),
    welcome: ({ url }) => sandbox.admin.registerRedirectUri(`${url}/auth/${PROVIDER}`),
    databases: () =>
      Promise.all(
        devnet.storageNodes.map(async (node) => {
          const found = await readdir(join(node.folder, 'databases', 'entries'))
          return found.sort()
        }),
      ),
    async close() {
      await sandbox.close()
      await devnet.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
