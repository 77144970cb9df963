/**
 * Capsules: a provider's tokens as they travel through the Vault and its URLs (protocol.md 4, vault.md 7.2). Base64url
 * only; bound to provider, DID, grant and the fingerprint of the Vault's key. Knows no store: pinning a fingerprint is
 * the caller's work.
 */
import { NodeError } from '../errors.js'
import { openBytes, sealBytes } from '../lib/aead.js'
import type { Did } from '../lib/did.js'
import {
  encodeFrame,
  decodeFrame,
  CAPSULE_VERSION,
  type CapsuleFrame,
  type CapsuleKind,
} from './capsule-frame.js'
import { decodeContent, encodeAccess, encodeRefresh, type GrantContent } from './capsule-content.js'
import type { KeyRing } from './key-ring.js'

/** Both capsules together, in characters; above it the tokens stay on the node (protocol.md 4.5). */
export const CAPSULES_MAX_CHARS = 4096

export interface CapsuleBinding {
  readonly provider: string
  readonly did: Did
}

export interface SealCapsules extends CapsuleBinding {
  /** 1 to 64 letters, digits, `-` or `_`. */
  readonly grantId: string
  /** `keyFingerprint` of the Vault's key; missing when it is not known yet. */
  readonly fingerprint?: string
  readonly content: GrantContent
}

export interface Capsules {
  readonly accessToken: string
  readonly refreshToken: string
  /** `reference`: they name the grant and carry its secret only; the caller keeps the tokens by `sealGrantTokens`. */
  readonly kind: 'full' | 'reference'
}

export function sealCapsules(ring: KeyRing, seal: SealCapsules): Capsules {
  const full = sealPair(ring, seal, seal.content)
  if (full.accessToken.length + full.refreshToken.length <= CAPSULES_MAX_CHARS)
    return { ...full, kind: 'full' }
  const { grantSecret, generation } = seal.content
  return { ...sealPair(ring, seal, { grantSecret, generation }), kind: 'reference' }
}

/** Capsules as a Vault sends them; the texts `undefined` and `null` and the empty text stand for nothing. */
export interface CapsulePair {
  readonly accessToken: string | undefined
  readonly refreshToken: string | undefined
}

export interface OpenCapsules extends CapsuleBinding {
  /** Fingerprints of the presented key, one per version of the node secret. */
  readonly fingerprints: readonly string[]
}

export interface OpenedCapsules {
  readonly grantId: string
  /** The ring key that sealed them: an old one means that fresh capsules should be given out. */
  readonly keyId: string
  /** `''` when they were sealed before the Vault's key was known: the grant's own pin decides then. */
  readonly fingerprint: string
  readonly content: GrantContent
}

/**
 * Opens both capsules of a pair.
 * @throws NodeError TOKEN_REVOKED for every fault alike; what was wrong is only in the private cause (protocol.md 4.6)
 */
export function openCapsules(ring: KeyRing, pair: CapsulePair, open: OpenCapsules): OpenedCapsules {
  try {
    const access = openOne(ring, 'access', pair.accessToken, open)
    const refresh = openOne(ring, 'refresh', pair.refreshToken, open)
    if (access.grantId !== refresh.grantId) throw new RangeError('the capsules are of two grants')
    if (access.fingerprint !== refresh.fingerprint) throw new RangeError('the capsules are of two keys')
    const content = decodeContent(access.plaintext, refresh.plaintext)
    return { grantId: access.grantId, keyId: access.keyId, fingerprint: access.fingerprint, content }
  } catch (cause) {
    throw new NodeError('TOKEN_REVOKED', { cause })
  }
}

/** Whether a Vault's value stands for nothing: it puts values into its URLs as they are (vault.md 3.5). */
export function isAbsent(text: string | undefined): text is undefined {
  return text === undefined || text === '' || text === 'undefined' || text === 'null'
}

function sealPair(ring: KeyRing, seal: SealCapsules, content: GrantContent): Omit<Capsules, 'kind'> {
  const one = (kind: CapsuleKind, plaintext: string) => {
    const frame = {
      kind,
      keyId: ring.current.id,
      grantId: seal.grantId,
      pinned: seal.fingerprint !== undefined,
    }
    const context = bound(frame, seal, seal.fingerprint ?? '')
    const sealed = sealBytes(ring.current.subkey('capsule'), Buffer.from(plaintext, 'utf8'), context)
    return encodeFrame({ ...frame, sealed })
  }
  return {
    accessToken: one('access', encodeAccess(content)),
    refreshToken: one('refresh', encodeRefresh(content)),
  }
}

interface OpenedOne extends Omit<OpenedCapsules, 'content'> {
  readonly plaintext: string
}

function openOne(ring: KeyRing, kind: CapsuleKind, text: string | undefined, open: OpenCapsules): OpenedOne {
  if (isAbsent(text)) throw new RangeError(`no ${kind} capsule`)
  const frame = decodeFrame(text)
  if (frame.kind !== kind) throw new RangeError(`a ${frame.kind} capsule in the place of the ${kind} one`)
  const key = ring.find(frame.keyId)
  if (key === undefined)
    throw new RangeError(`sealed with key ${frame.keyId}, which is not in CONNECTOR_ENCRYPTION_KEY`)
  for (const fingerprint of frame.pinned ? open.fingerprints : ['']) {
    const plaintext = openBytes(key.subkey('capsule'), frame.sealed, bound(frame, open, fingerprint))
    if (plaintext === undefined) continue
    return { grantId: frame.grantId, keyId: frame.keyId, fingerprint, plaintext: plaintext.toString('utf8') }
  }
  throw new RangeError(
    `key ${frame.keyId} does not open the ${kind} capsule: changed, or of another provider, DID or key`,
  )
}

function bound(
  frame: Omit<CapsuleFrame, 'sealed'>,
  to: CapsuleBinding,
  fingerprint: string,
): readonly string[] {
  return [
    `cn/capsule/${CAPSULE_VERSION}`,
    frame.kind,
    frame.keyId,
    to.provider,
    to.did,
    frame.grantId,
    fingerprint,
  ]
}
