/** An owner without a Vault: a key, a DID that was never registered, and signed calls. For what needs no reading of records. */
import { randomBytes } from 'node:crypto'
import { vaultHttp, type VaultHttp } from '../../src/devnet/vault-http.js'
import { signOwnerJwt, type OwnerRequest } from '../../src/lib/owner-jwt.js'
import { addressOf, publicKeyOf } from '../../src/lib/secp256k1.js'

export interface Keyholder {
  readonly did: string
  /** The Vault's key, 64 hex. */
  readonly key: string
  readonly privateKey: Buffer
  at(url: string, key?: string): VaultHttp
  /** A token for one request. */
  sign(request: Omit<OwnerRequest, 'now'> & { readonly now?: number }): string
  /** A signed POST with exactly this body. */
  post(url: string, path: string, body: object): Promise<Response>
}

export function keyholder(): Keyholder {
  const privateKey = randomBytes(32)
  const did = `did:vda:testnet:${addressOf(publicKeyOf(privateKey))}`
  const ownKey = randomBytes(32).toString('hex')
  const sign: Keyholder['sign'] = (request) => signOwnerJwt({ now: Date.now(), ...request, privateKey, did })
  return {
    did,
    key: ownKey,
    privateKey,
    sign,
    at: (url, key = ownKey) => vaultHttp({ url, did, key, sign: async (request) => sign(request) }),
    post(url, path, members) {
      const body = JSON.stringify(members)
      const token = sign({ method: 'POST', url: url + path, body, audience: url })
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      return fetch(url + path, { method: 'POST', headers, body })
    },
  }
}
