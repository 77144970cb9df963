/** Verida's hashes and signatures: keccak-256 over text or sorted JSON, secp256k1 without Ethereum's message prefix. Keeps no keys. */
import sha3 from 'js-sha3'
import { canonicalJson, type Json } from '../lib/canonical-json.js'
import { recoverAddress, signDigest } from '../lib/secp256k1.js'

/** keccak-256 as Verida's `hash` takes its input: hexadecimal text with 0x as bytes, other text as UTF-8, anything else as sorted JSON. */
export function veridaDigest(value: Json | Uint8Array): Buffer {
  if (value instanceof Uint8Array) return keccak(value)
  if (typeof value !== 'string') return keccak(Buffer.from(canonicalJson(value), 'utf8'))
  return keccak(
    /^0x[0-9a-f]*$/i.test(value) ? Buffer.from(value.slice(2), 'hex') : Buffer.from(value, 'utf8'),
  )
}

/** 0x, then r, s and v (27 or 28) in hexadecimal. */
export function signVerida(value: Json | Uint8Array, privateKey: Uint8Array): string {
  const { bytes, recovery } = signDigest(veridaDigest(value), privateKey)
  return `0x${Buffer.from(bytes).toString('hex')}${(27 + recovery).toString(16)}`
}

/** The address (0x, lower case) whose key signed; `undefined` when it is no signature. */
export function veridaSigner(value: Json | Uint8Array, signature: string): string | undefined {
  if (!/^0x[0-9a-f]{130}$/i.test(signature)) return undefined
  const bytes = Buffer.from(signature.slice(2), 'hex')
  const recovery = (bytes[64] ?? 0) % 27
  return recovery > 1 ? undefined : recoverAddress(veridaDigest(value), bytes.subarray(0, 64), recovery)
}

/** The address in a DID, lower case: `0x` and 40 hex. */
export function addressOfDid(did: string): string | undefined {
  return /0x[0-9a-f]{40}$/.exec(did.toLowerCase())?.[0]
}

const hashHex = (text: string): string => veridaDigest(text).toString('hex')

/** The hash of a DID's context, without 0x; it names users, roles and entries of DID documents. */
export const contextHash = (did: string, contextName: string): string =>
  hashHex(`${did.toLowerCase()}/${contextName}`)

/** The CouchDB user of a DID under a context. */
export const userName = (did: string, contextName: string): string => `v${contextHash(did, contextName)}`

/** The CouchDB database of a name under a DID's context. */
export const databaseName = (did: string, contextName: string, name: string): string =>
  `v${hashHex(`${did.toLowerCase()}/${contextName}/${name}`)}`

function keccak(bytes: Uint8Array): Buffer {
  return Buffer.from(sha3.keccak256.arrayBuffer(bytes))
}
