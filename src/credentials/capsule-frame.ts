/** The bytes of a capsule around its seal: a clear header, from which the bound context can be rebuilt before opening. */
import { fromBase64url } from '../lib/base64url.js'

export const CAPSULE_VERSION = 1

const KEY_ID_BYTES = 6
const KINDS = ['access', 'refresh'] as const
const GRANT_ID = /^[A-Za-z0-9_-]{1,64}$/

export type CapsuleKind = (typeof KINDS)[number]

export interface CapsuleFrame {
  readonly kind: CapsuleKind
  /** 12 hex characters. */
  readonly keyId: string
  readonly grantId: string
  /** Whether the fingerprint of the Vault's key is in the bound context. */
  readonly pinned: boolean
  readonly sealed: Uint8Array
}

/** Version, flags (bit 0 kind, bit 1 pinned), key id (6), length of the grant id, grant id, seal; as base64url. */
export function encodeFrame({ kind, keyId, grantId, pinned, sealed }: CapsuleFrame): string {
  if (!GRANT_ID.test(grantId)) throw new RangeError('a grant id has 1 to 64 letters, digits, - or _')
  const flags = KINDS.indexOf(kind) | (pinned ? 2 : 0)
  const header = [
    Buffer.of(CAPSULE_VERSION, flags),
    Buffer.from(keyId, 'hex'),
    Buffer.of(grantId.length),
    Buffer.from(grantId, 'latin1'),
  ]
  return Buffer.concat([...header, sealed]).toString('base64url')
}

/** @throws RangeError when it is no capsule */
export function decodeFrame(text: string): CapsuleFrame {
  const bytes = fromBase64url(text)
  const [version, flags] = bytes ?? []
  const kind = flags === undefined || flags > 3 ? undefined : KINDS[flags & 1]
  if (bytes === undefined || kind === undefined || version !== CAPSULE_VERSION)
    throw new RangeError('not a capsule')
  const keyEnd = 2 + KEY_ID_BYTES
  const grantEnd = keyEnd + 1 + (bytes[keyEnd] ?? 0)
  const grantId = bytes.toString('latin1', keyEnd + 1, grantEnd)
  if (bytes.length <= grantEnd || !GRANT_ID.test(grantId)) throw new RangeError('not a capsule')
  return {
    kind,
    keyId: bytes.toString('hex', 2, keyEnd),
    grantId,
    pinned: ((flags ?? 0) & 2) !== 0,
    sealed: bytes.subarray(grantEnd),
  }
}
