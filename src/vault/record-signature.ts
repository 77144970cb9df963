/** Verida's record signatures, made without its client but byte for byte as client-ts 3.0.4 makes them. Changes no record. */
import sha3 from 'js-sha3'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { signDigest } from '../lib/secp256k1.js'
import { sortedJson } from './sorted-json.js'
import { signText } from './text-signature.js'

export interface RecordSignerOptions {
  /** The node's DID. */
  readonly did: string
  readonly contextName: string
  /** The context's signing key of that DID's keyring, 32 bytes. */
  readonly signingKey: Bytes
  /** Default: the fastest library here. */
  readonly signDigest?: typeof signDigest
  /** Signs many texts with the same key. Default: one after the other. */
  readonly signTexts?: (texts: readonly string[]) => Promise<readonly string[]>
}

/** The record's `signatures`: `{"<did>?context=0x<hash>": {secp256k1: "0x<130 hex>"}}`. Deterministic. */
export type Signatures = Readonly<Record<string, { readonly secp256k1: string }>>

export interface RecordSigner {
  (record: JsonObject): Signatures
  /** Many at once: one `signatures` for each, in order. */
  all(records: readonly JsonObject[]): Promise<readonly Signatures[]>
}

/** A signer of whole records, `_id` included; `_rev` and earlier `signatures` are not signed. */
export function createRecordSigner(options: RecordSignerOptions): RecordSigner {
  const did = options.did.toLowerCase()
  const name = `${did}?context=0x${sha3.keccak256(`${did}/${options.contextName}`)}`
  const key = Uint8Array.from(options.signingKey)
  const signOne = (text: string): string => signText(text, key, options.signDigest)
  const { signTexts = async (texts: readonly string[]) => texts.map(signOne) } = options
  const named = (secp256k1: string): Signatures => ({ [name]: { secp256k1 } })
  return Object.assign((record: JsonObject) => named(signOne(signedText(record))), {
    all: async (records: readonly JsonObject[]) => (await signTexts(records.map(signedText))).map(named),
  })
}

const signedText = (record: JsonObject): string => sortedJson(signedPart(record))

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
