/** Verida's record signatures, made without its client but byte for byte as client-ts 3.0.4 makes them. Changes no record. */
import sha3 from 'js-sha3'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { loadSigner, type Secp256k1Signer } from './secp256k1-sign.js'
import { sortedJson } from './sorted-json.js'

export interface RecordSignerOptions {
  /** The node's DID. */
  readonly did: string
  readonly contextName: string
  /** The context's signing key of that DID's keyring, 32 bytes. */
  readonly signingKey: Bytes
  /** Default: the fastest one here. */
  readonly signer?: Secp256k1Signer
}

/** The record's `signatures`: `{"<did>?context=0x<hash>": {secp256k1: "0x<130 hex>"}}`. Deterministic. */
export type RecordSigner = (record: JsonObject) => Readonly<Record<string, { readonly secp256k1: string }>>

/** A signer of whole records, `_id` included; `_rev` and earlier `signatures` are not signed. */
export async function createRecordSigner(options: RecordSignerOptions): Promise<RecordSigner> {
  const signer = options.signer ?? (await loadSigner())
  const did = options.did.toLowerCase()
  const name = `${did}?context=0x${sha3.keccak256(`${did}/${options.contextName}`)}`
  const key = Uint8Array.from(options.signingKey)
  return (record) => {
    const digest = new Uint8Array(sha3.keccak256.arrayBuffer(sortedJson(signedPart(record))))
    return { [name]: { secp256k1: `0x${Buffer.from(signer.sign(digest, key)).toString('hex')}` } }
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
