/** The ring of keys that seal credentials: the first seals, all open. Holds keys in memory only, and prints none. */
import { randomBytes } from 'node:crypto'
import { NodeError } from '../errors.js'
import { hkdfExpand, type Bytes } from '../lib/keyed-hash.js'
import { reveal, type Redacted } from '../lib/redacted.js'

const KEY_BYTES = 32

/** A random key has about 30 different bytes; a placeholder or a pattern has far fewer. */
const MIN_DIFFERENT_BYTES = 16

export interface RingKey {
  /** 12 hex characters, derived from the key; tells which key sealed a value, and nothing about the key. */
  readonly id: string
  /** 32 bytes for one use only: sealed values and capsules do not share a key. */
  subkey(purpose: KeyPurpose): Bytes
  /** The key itself; only for reading Fernet tokens. */
  material(): Bytes
}

export type KeyPurpose = 'value' | 'capsule'

export interface KeyRing {
  /** The key that seals. */
  readonly current: RingKey
  /** The first seals. */
  readonly keys: readonly RingKey[]
  find(id: string): RingKey | undefined
}

/**
 * Reads CONNECTOR_ENCRYPTION_KEY: keys of 32 bytes, separated by commas, the sealing one first. Each as base64 or
 * base64url (a Fernet key is one) or as hex.
 * @throws NodeError CONFIG_INVALID naming the place of each key that is not usable, never its text
 */
export function parseKeyRing(text: Redacted): KeyRing {
  const faults: string[] = []
  const keys: RingKey[] = []
  for (const [index, part] of reveal(text).split(',').entries()) {
    const bytes = decodeKey(part.trim())
    const fault = bytes === undefined ? 'must be 32 bytes as base64 or hex' : weakness(bytes)
    if (fault !== undefined) faults.push(`key ${index + 1} ${fault}`)
    else if (bytes !== undefined) keys.push(ringKey(bytes))
  }
  const byId = new Map(keys.map((key) => [key.id, key]))
  if (byId.size < keys.length) faults.push('a key is there twice')
  const [current] = keys
  if (current === undefined || faults.length > 0) {
    throw new NodeError('CONFIG_INVALID', { detail: `CONNECTOR_ENCRYPTION_KEY: ${faults.join('; ')}` })
  }
  return { current, keys, find: (id) => byId.get(id) }
}

/** A new key as it is written in CONNECTOR_ENCRYPTION_KEY: base64url with padding, the form of a Fernet key. */
export function generateKey(): string {
  return `${randomBytes(KEY_BYTES).toString('base64url')}=`
}

function decodeKey(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex')
  const unpadded = text.replace(/=$/, '').replaceAll('+', '-').replaceAll('/', '_')
  const bytes = Buffer.from(unpadded, 'base64url')
  return bytes.length === KEY_BYTES && bytes.toString('base64url') === unpadded ? bytes : undefined
}

function weakness(bytes: Bytes): string | undefined {
  return new Set(bytes).size < MIN_DIFFERENT_BYTES
    ? 'is not random: make one with `connector-node keys generate`'
    : undefined
}

function ringKey(bytes: Bytes): RingKey {
  // In closures, not in fields: neither inspection nor JSON shows them.
  const subkeys = { value: hkdfExpand(bytes, 'cn/1/value'), capsule: hkdfExpand(bytes, 'cn/1/capsule') }
  return {
    id: hkdfExpand(bytes, 'cn/1/key-id').toString('hex', 0, 6),
    subkey: (purpose) => subkeys[purpose],
    material: () => bytes,
  }
}
