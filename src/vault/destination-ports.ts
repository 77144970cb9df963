/** What the parts of the vault destination share: made once by index.ts, handed down, never global. */
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { DatabaseRows, NodeSecrets, ReceiptChains } from './ports.js'
import type { RecordSigner } from './record-signature.js'
import type { StagingArea } from './staging-area.js'
import type { StorageNode } from './storage-node.js'
import { Target } from './target.js'

export interface DestinationPorts {
  /** The configured storage nodes, all of them. */
  readonly nodes: readonly StorageNode[]
  readonly rows: DatabaseRows
  readonly chains: ReceiptChains
  readonly area: StagingArea
  readonly secrets: NodeSecrets
  /** Signs records; made at the first write. `undefined`: records are not signed. */
  readonly recordSigner: (() => Promise<RecordSigner>) | undefined
  /** How many storage nodes must hold everything before anything is erased. */
  readonly required: number
  /** Read back every document before an erasure, not a sample. */
  readonly verifyFull: boolean
  /** Documents of a database that are read at once; a larger one is read page by page. */
  readonly scanLimit: number
  readonly clock: Clock
  readonly log: Log
}

/** One database on every configured storage node; asks nobody yet. */
export function targetsOf(
  { nodes }: Pick<DestinationPorts, 'nodes'>,
  name: string,
  signal: AbortSignal,
): Promise<readonly Target[]> {
  return Promise.all(nodes.map(async (node) => new Target(node, await node.database(name, signal))))
}
