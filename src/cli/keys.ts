/** `connector-node keys generate`: the secrets of a node, in the form of an environment file. Kept nowhere. */
import { randomBytes } from 'node:crypto'
import { generateKey } from '../credentials/key-ring.js'
import { generateNodeSecret } from '../credentials/node-secrets.js'

export function generateKeys(): number {
  console.log(
    [
      '# Back up the first two together: without them the data must be synced again into new databases.',
      `VERIDA_PRIVATE_KEY=0x${randomBytes(32).toString('hex')}`,
      `NODE_DERIVATION_SECRET=${generateNodeSecret()}`,
      `CONNECTOR_ENCRYPTION_KEY=${generateKey()}`,
    ].join('\n'),
  )
  return 0
}
