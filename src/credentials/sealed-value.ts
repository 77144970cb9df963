/** Sealed values: how credentials lie in the store. Text `v1.<key id>.<base64url>`; opens only where it was put. */
import { NodeError } from '../errors.js'
import { openBytes, sealBytes } from '../lib/aead.js'
import { fromBase64url } from '../lib/base64url.js'
import type { KeyRing } from './key-ring.js'

const SHAPE = /^v1\.([0-9a-f]{12})\.([A-Za-z0-9_-]+)$/

/** Seals with the ring's current key. `context`: where the value belongs, such as [tenant, connection, field]. */
export function sealValue(ring: KeyRing, plaintext: string, context: readonly string[]): string {
  const { id } = ring.current
  const bytes = sealBytes(ring.current.subkey('value'), Buffer.from(plaintext, 'utf8'), bound(id, context))
  return `v1.${id}.${bytes.toString('base64url')}`
}

/** @throws NodeError SEAL_FAILED: changed, sealed for another place, or by a key that is not on the ring */
export function openValue(ring: KeyRing, sealed: string, context: readonly string[]): string {
  const [, id = '', text = ''] = SHAPE.exec(sealed) ?? []
  const bytes = fromBase64url(text)
  if (id === '' || bytes === undefined) throw sealFailed('not a sealed value')
  const key = ring.find(id)
  if (key === undefined) throw sealFailed(`sealed with key ${id}, which is not in CONNECTOR_ENCRYPTION_KEY`)
  const plaintext = openBytes(key.subkey('value'), bytes, bound(id, context))
  if (plaintext === undefined)
    throw sealFailed(`key ${id} does not open it: it was changed, or belongs elsewhere`)
  return plaintext.toString('utf8')
}

/** The key that sealed a value, to find what is left to seal again. `undefined` when it is no sealed value. */
export function sealingKeyId(sealed: string): string | undefined {
  return SHAPE.exec(sealed)?.[1]
}

function bound(keyId: string, context: readonly string[]): readonly string[] {
  return ['cn/value/1', keyId, ...context]
}

function sealFailed(detail: string): NodeError {
  return new NodeError('SEAL_FAILED', { detail })
}
