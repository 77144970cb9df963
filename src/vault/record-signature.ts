/** Verida's record signatures, made without its client but byte for byte as client-ts 3.0.4 makes them. Changes no record. */
import sha3 from 'js-sha3'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { signDigest } from '../lib/secp256k1.js'
import { sortedJson } from './sorted-json.js'

export interface RecordSignerOptions {
  /** The node's DID. */
  readonly did: string
  readonly contextName: string
  /** The context's signing key of that DID's keyring, 32 bytes. */
  readonly signingKey: Bytes
  /** Default: the fastest library here. */
  readonly signDigest?: typeof signDigest
}

/** The record's `signatures`: `{"<did>?context=0x<hash>": {secp256k1: "0x<130 hex>"}}`. Deterministic. */
export type RecordSigner = (record: JsonObject) => Readonly<Record<string, { readonly secp256k1: string }>>

/** A signer of whole records, `_id` included; `_rev` and earlier `signatures` are not signed. */
export function createRecordSigner(options: RecordSignerOptions): RecordSigner {
  const signed = options.signDigest ?? signDigest
  const did = options.did.toLowerCase()
  const name = `${did}?context=0x${sha3.keccak256(`${did}/${options.contextName}`)}`
  const key = Uint8Array.from(options.signingKey)
  return (record) => {
    const digest = new Uint8Array(sha3.keccak256.arrayBuffer(sortedJson(signedPart(record))))
    const { bytes, recovery } = signed(digest, key)
    // As Ethereum joins them: r, s, and 27 or 28.
    return { [name]: { secp256k1: `0x${Buffer.from(bytes).toString('hex')}${(27 + recovery).toString(16)}` } }
  }
}

function signedPart(record: JsonObject): JsonObject {
  const schema = record['schema']
  return {
    ...record,
    ...(typeof schema === 'string' ? { schema: versionlessSchema(schema) } : {}),
    _rev: undefined,
    signatures: undefined,
  }
}

/** Verida signs the schema without its version: `.../social/post/v0.1.0/schema.json` as `.../social/post/schema.json`. */
function versionlessSchema(uri: string): string {
  return uri.replace(/\/(v[0-9.]*|latest)\/schema\.json$/, '/schema.json')
}
