/** The node's three secrets: from the settings, or (embedded default) from files that are made once. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from './config.js'
import { generateKey, parseKeyRing, type KeyRing } from './credentials/key-ring.js'
import { generateNodeSecret, parseNodeSecrets, type NodeSecrets } from './credentials/node-secrets.js'
import { keptSecret } from './credentials/secret-files.js'
import { Redacted, reveal } from './lib/redacted.js'

export interface NodeKeys {
  /** Of the node's DID: `0x` and 64 hex. */
  readonly identity: Redacted
  readonly secrets: NodeSecrets
  readonly ring: KeyRing
}

/** @throws NodeError CONFIG_INVALID */
export async function readNodeKeys(config: Config): Promise<NodeKeys> {
  const folder = join(config.dataDir, 'secrets')
  const identity =
    config.VERIDA_PRIVATE_KEY ??
    (await keptSecret(folder, 'identity', () => `0x${randomBytes(32).toString('hex')}`))
  const secrets =
    config.NODE_DERIVATION_SECRET ?? (await keptSecret(folder, 'derivation', generateNodeSecret))
  const ring = config.CONNECTOR_ENCRYPTION_KEY ?? (await keptSecret(folder, 'encryption', generateKey))
  return {
    identity: new Redacted(`0x${reveal(identity).replace(/^0x/, '')}`),
    secrets: parseNodeSecrets(secrets),
    ring: parseKeyRing(ring),
  }
}
