/** Verida's envelope, without PouchDB: one document as one base64 payload, readable by Verida's own clients (verida.md 1). */
import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { NodeError } from '../errors.js'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { padJson } from './pad.js'
import { KEY_BYTES, MAC_BYTES, NONCE_BYTES, secretbox, type Secretbox } from './secretbox.js'

export interface Envelope {
  /** Seals a document with its `_id` (and the `_rev` of its parent, if it has one): base64 of nonce, MAC and ciphertext. @throws NodeError SEAL_FAILED */
  seal(document: JsonObject): string
  /**
   * Opens a payload of the document `expectedId`. The box is not bound to the document it lies in, hence the
   * comparison with the id inside. @throws NodeError SEAL_FAILED for another key, changed bytes, another document's payload
   */
  open(payload: string, expectedId: string): JsonObject
}

/** The envelope of one database. `databaseKey`: the 32 bytes that the owner is told. */
export function createEnvelope(databaseKey: Bytes, box: Secretbox = secretbox): Envelope {
  const key = envelopeKey(databaseKey)
  const nextNonce = nonces()
  return {
    seal(document) {
      if (typeof document['_id'] !== 'string') throw sealFailed('a document without _id')
      const nonce = nextNonce()
      return Buffer.concat([nonce, box.seal(padJson(JSON.stringify(document)), nonce, key)]).toString(
        'base64',
      )
    },
    open(payload, expectedId) {
      const sealed = Buffer.from(payload, 'base64')
      // Decoding forgives stray characters; the text must be exactly that of its bytes.
      if (sealed.length < NONCE_BYTES + MAC_BYTES || sealed.toString('base64') !== payload) {
        throw sealFailed('the payload is not base64 of an envelope')
      }
      const plaintext = box.open(sealed.subarray(NONCE_BYTES), sealed.subarray(0, NONCE_BYTES), key)
      if (plaintext === undefined) throw sealFailed('another key, or the payload was changed')
      const document = parseDocument(plaintext)
      if (document['_id'] !== expectedId) throw sealFailed('the payload belongs to another document')
      return document
    },
  }
}

const NONCES_AT_ONCE = 64

/** Random nonces, each given out once. Drawn by the dozen: a call to the system's source costs more than the sealing of a record. */
function nonces(): () => Buffer {
  let drawn = Buffer.alloc(0)
  return () => {
    if (drawn.length === 0) drawn = randomBytes(NONCE_BYTES * NONCES_AT_ONCE)
    const nonce = drawn.subarray(0, NONCE_BYTES)
    drawn = drawn.subarray(NONCE_BYTES)
    return nonce
  }
}

/** Verida's derivation: the "password" is the key in lower-case hex, and its clients leave the salt empty (verida.md 1). */
function envelopeKey(databaseKey: Bytes): Buffer {
  if (databaseKey.length !== KEY_BYTES) throw sealFailed('a database key has 32 bytes')
  const pass = createHash('sha512').update(Buffer.from(databaseKey).toString('hex'), 'utf8').digest()
  return pbkdf2Sync(pass, new Uint8Array(0), 1000, KEY_BYTES, 'sha512')
}

function parseDocument(plaintext: Bytes): JsonObject {
  let document: unknown
  try {
    document = JSON.parse(Buffer.from(plaintext).toString('utf8'))
  } catch (cause) {
    throw sealFailed('the sealed text is not JSON', cause)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw sealFailed('the sealed text is not a document')
  }
  return document as JsonObject
}

function sealFailed(detail: string, cause?: unknown): NodeError {
  return new NodeError('SEAL_FAILED', { detail, cause })
}
