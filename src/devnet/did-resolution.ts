/** Finds the document of a DID as a resolver does: the registry says which endpoints hold it, the first that has one answers. */
import type { DidDocument, DidDocuments } from './did-documents.js'
import { RegistryRevert, type DidRegistry } from './registry.js'
import { addressOfDid } from './verida-signature.js'

/** `undefined`: not registered, revoked, or no endpoint of this network that answers has it. */
export type ResolveDid = (did: string) => DidDocument | undefined

/** `documentsAt` gives the documents behind a DID endpoint while its node runs. */
export function didResolver(
  registry: DidRegistry,
  documentsAt: (endpoint: string) => DidDocuments | undefined,
): ResolveDid {
  return (did) => {
    const address = addressOfDid(did)
    if (address === undefined) return undefined
    for (const endpoint of registeredAt(registry, address)) {
      const document = documentsAt(endpoint)?.latest(did)
      if (document !== undefined) return document
    }
    return undefined
  }
}

function registeredAt(registry: DidRegistry, address: string): readonly string[] {
  try {
    return registry.lookup(address).endpoints
  } catch (thrown) {
    if (thrown instanceof RegistryRevert) return []
    throw thrown
  }
}
