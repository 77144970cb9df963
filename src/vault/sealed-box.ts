/** Seals small values of a database (cursors, quarantined items) under its own keys, bound to where they belong. */
import { NodeError } from '../errors.js'
import { openBytes, sealBytes } from '../lib/aead.js'
import { canonicalJson, type Json } from '../lib/canonical-json.js'
import type { Bytes } from '../lib/keyed-hash.js'
import type { SealedBox } from '../sync/destination.js'

/** `place` is bound beside the context of each value. */
export function createSealedBox(key: Bytes, place: readonly string[]): SealedBox {
  return {
    seal(value, context) {
      const sealed = sealBytes(key, Buffer.from(canonicalJson(value), 'utf8'), [...place, ...context])
      return sealed.toString('base64url')
    },
    open(sealed, context) {
      const plain = openBytes(key, Buffer.from(sealed, 'base64url'), [...place, ...context])
      if (plain === undefined)
        throw new NodeError('SEAL_FAILED', { detail: `a sealed ${place.at(-1) ?? 'value'} does not open` })
      return JSON.parse(plain.toString('utf8')) as Json
    },
  }
}
