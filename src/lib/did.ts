/** Verida DIDs in one canonical form, so that variants of one owner never become two. */
import type { Brand } from './brand.js'

/** Canonical: `did:vda:<network>:0x<40 lower-case hex>`. */
export type Did = Brand<string, 'Did'>

const FULL = /^did:vda:(mainnet|testnet|devnet|local|banksia|myrtle|polpos|polamoy):(0x[0-9a-f]{40})$/
const BARE = /^0x[0-9a-f]{40}$/

/**
 * Reads a DID as a Vault sends it; the legacy bare address belongs to `defaultNetwork`.
 * `undefined` when it is not one. Checksummed upper case is folded: Verida's hashes use lower case.
 */
export function parseDid(text: string, defaultNetwork: string): Did | undefined {
  if (text.length > 100) return undefined
  const lower = text.toLowerCase()
  if (FULL.test(lower)) return lower as Did
  return BARE.test(lower) ? (`did:vda:${defaultNetwork}:${lower}` as Did) : undefined
}

/** The address part, `0x` and 40 hex. */
export function didAddress(did: Did): string {
  return did.slice(did.lastIndexOf(':') + 1)
}
