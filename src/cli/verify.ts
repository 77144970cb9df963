/** `connector-node verify DATABASE --key HEX`: reads one database on every storage node and says what the node did not write as it is. */
import { readConfig } from '../config.js'
import { NodeError } from '../errors.js'
import { systemClock } from '../lib/clock.js'
import { readNodeKeys } from '../node-keys.js'
import { examineEverywhere } from '../vault/index.js'

export interface VerifyFacts {
  /** As the sync's request record names it. */
  readonly database: string
  /** Its `encryptionKey`: 64 hex. */
  readonly key: string
}

const SHOWN = 20

export async function verifyDatabase({ database, key }: VerifyFacts): Promise<number> {
  const config = readConfig()
  const { VERIDA_RPC_URL: rpcUrl, VERIDA_STORAGE_NODES: storageNodes } = config
  if (rpcUrl === undefined || storageNodes.length === 0) {
    throw new NodeError('CONFIG_INVALID', {
      detail:
        'verify reads from storage nodes: set VERIDA_RPC_URL and VERIDA_STORAGE_NODES as the node has them',
    })
  }
  const { identity } = await readNodeKeys(config)
  const seen = await examineEverywhere({
    network: config.VERIDA_NETWORK,
    rpcUrl,
    privateKey: identity,
    contextName: config.VERIDA_CONTEXT_NAME,
    storageNodes,
    didEndpoints: config.VERIDA_DID_ENDPOINTS,
    clock: systemClock,
    databaseName: database,
    databaseKey: Buffer.from(key, 'hex'),
  })
  for (const { url, documents, faults, stateRoot } of seen) {
    console.log(`${url}  ${documents} documents, ${faults.length} faults, state root ${stateRoot}`)
    for (const { id, what } of faults.slice(0, SHOWN)) console.log(`  ${what}  ${id}`)
    if (faults.length > SHOWN) console.log(`  and ${faults.length - SHOWN} more`)
  }
  const roots = new Set(seen.map(({ stateRoot }) => stateRoot))
  if (roots.size > 1) console.log('the storage nodes do not hold the same')
  return roots.size === 1 && seen.every(({ faults }) => faults.length === 0) ? 0 : 1
}
