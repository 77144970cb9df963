/** The embedded default: a local Verida network and the practice provider's service, in this process and on loopback. Never in production. */
import { join } from 'node:path'
import type { Config } from './config.js'
import type { Devnet } from './devnet/index.js'
import type { SandboxService } from './devnet/sandbox-service/index.js'
import { NodeError } from './errors.js'
import { Redacted } from './lib/redacted.js'
import type { SettingsOf, SettingsShape } from './provider/index.js'

export interface Embedded {
  readonly devnet: Devnet
  readonly sandbox: SandboxService
  readonly rpcUrl: string
  readonly storageNodes: readonly string[]
  readonly didEndpoints: readonly string[]
  /** What an operator would set for the sandbox provider. */
  readonly sandboxSettings: SettingsOf<SettingsShape>
  close(): Promise<void>
}

/** `redirectUris`: where the practice service may send people back to. @throws NodeError CONFIG_INVALID: a port of it is another's */
export async function startEmbedded(config: Config, redirectUris: readonly string[]): Promise<Embedded> {
  // Loaded here: a node on a real network needs none of it.
  const [{ startDevnet }, { startSandboxService }] = await Promise.all([
    import('./devnet/index.js'),
    import('./devnet/sandbox-service/index.js'),
  ])
  const devnet = await startDevnet({
    folder: join(config.dataDir, 'devnet'),
    nodes: config.DEVNET_NODES,
    port: config.DEVNET_PORT,
  }).catch(portTaken('DEVNET_PORT'))
  try {
    const sandbox = await startSandboxService({
      port: config.SANDBOX_PORT,
      host: '127.0.0.1',
      folder: join(config.dataDir, 'sandbox'),
      client: { redirectUris },
    }).catch(portTaken('SANDBOX_PORT'))
    return {
      devnet,
      sandbox,
      rpcUrl: devnet.rpcUrl,
      storageNodes: devnet.storageNodes.map(({ url }) => url),
      didEndpoints: devnet.didEndpoints,
      sandboxSettings: {
        origin: sandbox.origin,
        clientId: sandbox.client.id,
        clientSecret: new Redacted(sandbox.client.secret),
      },
      async close() {
        await sandbox.close()
        await devnet.close()
      },
    }
  } catch (error) {
    await devnet.close()
    throw error
  }
}

/** Names the setting to change. The local network keeps the ports that it was made for, which its documents name. */
function portTaken(setting: string) {
  return (cause: unknown): never => {
    const { code, port } = cause as { readonly code?: unknown; readonly port?: unknown }
    if (code !== 'EADDRINUSE') throw cause
    const folder = setting === 'DEVNET_PORT' ? ', with another DATA_DIR' : ''
    const detail = `port ${String(port)} is in use: stop what uses it, or set ${setting} to another${folder}`
    throw new NodeError('CONFIG_INVALID', { detail, cause })
  }
}
