/** `connector-node devnet`: a local network until it is told to end. Prints nothing itself. */
import { startDevnet, type Devnet } from './index.js'

export interface DevnetCommandOptions {
  readonly nodes: number
  readonly port: number
  readonly folder: string
  /** Opens the control route of every storage node. */
  readonly controlToken?: string
  /** Ends the network. */
  readonly signal: AbortSignal
  /** Gets each line for the terminal. */
  readonly print: (line: string) => void
}

/** Runs until the signal. */
export async function runDevnet({ signal, print, ...options }: DevnetCommandOptions): Promise<void> {
  const devnet = await startDevnet(options)
  for (const line of describe(devnet)) print(line)
  try {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
    })
  } finally {
    await devnet.close()
  }
}

/** The settings with which a node uses this network. */
function describe(devnet: Devnet): readonly string[] {
  return [
    'VERIDA_NETWORK=testnet',
    `VERIDA_RPC_URL=${devnet.rpcUrl}`,
    `VERIDA_STORAGE_NODES=${devnet.storageNodes.map(({ url }) => url).join(',')}`,
    `VERIDA_DID_ENDPOINTS=${devnet.didEndpoints.join(',')}`,
  ]
}
