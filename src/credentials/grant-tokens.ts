/**
 * A grant's newest tokens as the node keeps them (protocol.md 4.3, 4.5): sealed under the node secret and the grant
 * secret together. Any generation of the grant's capsules opens them; neither our disk nor our secret alone does.
 */
import { NodeError } from '../errors.js'
import { openBytes, sealBytes } from '../lib/aead.js'
import { fromBase64url } from '../lib/base64url.js'
import { hkdf, type Bytes } from '../lib/keyed-hash.js'
import { decodeContent, encodeAccess, encodeRefresh, type GrantContent } from './capsule-content.js'

const PREFIX = 'g1.'

export interface GrantSeal {
  readonly nodeSecret: Bytes
  readonly grantId: string
}

/** Text `g1.<base64url>`. */
export function sealGrantTokens(seal: GrantSeal, content: GrantContent): string {
  const plaintext = Buffer.from(JSON.stringify([encodeAccess(content), encodeRefresh(content)]), 'utf8')
  const sealed = sealBytes(grantKey(seal, content.grantSecret), plaintext, bound(seal))
  return PREFIX + sealed.toString('base64url')
}

/** @throws NodeError SEAL_FAILED: changed, of another grant, or under another secret */
export function openGrantTokens(seal: GrantSeal, grantSecret: Bytes, text: string): GrantContent {
  const sealed = text.startsWith(PREFIX) ? fromBase64url(text.slice(PREFIX.length)) : undefined
  if (sealed === undefined) throw new NodeError('SEAL_FAILED', { detail: 'not the sealed tokens of a grant' })
  const plaintext = openBytes(grantKey(seal, grantSecret), sealed, bound(seal))
  if (plaintext === undefined) {
    throw new NodeError('SEAL_FAILED', {
      detail: `the tokens of grant ${seal.grantId} do not open with this secret`,
    })
  }
  try {
    const [access, refresh] = JSON.parse(plaintext.toString('utf8')) as readonly [string, string]
    return decodeContent(access, refresh)
  } catch (cause) {
    throw new NodeError('SEAL_FAILED', {
      detail: `the tokens of grant ${seal.grantId} are of no known form`,
      cause,
    })
  }
}

function grantKey({ nodeSecret, grantId }: GrantSeal, grantSecret: Bytes): Buffer {
  return hkdf(grantSecret, nodeSecret, ['cn/1/grant', grantId])
}

function bound({ grantId }: GrantSeal): readonly string[] {
  return ['cn/grant/1', grantId]
}
