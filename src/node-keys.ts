/** The node's three secrets: from the settings, or (embedded default) from files that are made once. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from './config.js'
import { keyFile, type KeyFile } from './credentials/key-file.js'
import { generateKey, parseKeyRing } from './credentials/key-ring.js'
import { liveKeyRing, type LiveKeyRing } from './credentials/live-key-ring.js'
import { generateNodeSecret, parseNodeSecrets, type NodeSecrets } from './credentials/node-secrets.js'
import { keptSecret } from './credentials/secret-files.js'
import { Redacted, reveal } from './lib/redacted.js'

export interface NodeKeys {
  /** Of the node's DID: `0x` and 64 hex. */
  readonly identity: Redacted
  readonly secrets: NodeSecrets
  readonly ring: LiveKeyRing
  /** Where the ring is kept; missing when it comes from the environment. */
  readonly ringFile: KeyFile | undefined
}

/** @throws NodeError CONFIG_INVALID */
export async function readNodeKeys(config: Config): Promise<NodeKeys> {
  const folder = join(config.dataDir, 'secrets')
  const identity =
    config.VERIDA_PRIVATE_KEY ??
    (await keptSecret(folder, 'identity', () => `0x${randomBytes(32).toString('hex')}`))
  const secrets =
    config.NODE_DERIVATION_SECRET ?? (await keptSecret(folder, 'derivation', generateNodeSecret))
  const ringFile = await ringFileOf(config)
  return {
    identity: new Redacted(`0x${reveal(identity).replace(/^0x/, '')}`),
    secrets: parseNodeSecrets(secrets),
    ring: liveKeyRing(
      ringFile === undefined
        ? parseKeyRing(config.CONNECTOR_ENCRYPTION_KEY ?? new Redacted(''))
        : ringFile.read(),
      () => ringFile?.readIfChanged(),
    ),
    ringFile,
  }
}

/** The ring alone, for commands that need no other secret. @throws NodeError CONFIG_INVALID */
export async function ringFileOf(config: Config): Promise<KeyFile | undefined> {
  if (config.keyFile !== undefined) return keyFile(config.keyFile)
  if (config.CONNECTOR_ENCRYPTION_KEY !== undefined) return undefined
  const folder = join(config.dataDir, 'secrets')
  await keptSecret(folder, 'encryption', generateKey)
  return keyFile(join(folder, 'encryption'))
}
