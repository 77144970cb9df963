/** Signs receipts with the key of the node's DID, as Verida signs text; it signs nothing else and asks nobody. */
import type { ReceiptSigner } from '../sync/receipt.js'
import type { NodeIdentity } from './identity.js'

export function createReceiptSigner(identity: NodeIdentity): ReceiptSigner {
  return { did: identity.did, sign: (text) => identity.sign(text) }
}
