/** The credentials' three ways of sealing as cases of the seal suite. */
import { randomBytes } from 'node:crypto'
import { openCapsules, sealCapsules } from '../../../src/credentials/capsule.js'
import type { GrantContent } from '../../../src/credentials/capsule-content.js'
import { openGrantTokens, sealGrantTokens } from '../../../src/credentials/grant-tokens.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { openValue, sealValue } from '../../../src/credentials/sealed-value.js'
import type { Did } from '../../../src/lib/did.js'
import { Redacted } from '../../../src/lib/redacted.js'
import type { Sealer, SealerCase } from '../../contract/seal.js'
import { hasCode } from './node-error-code.js'

export function sealedValueCase(): SealerCase {
  return {
    name: 'sealed values',
    mine: valueSealer(),
    other: valueSealer(),
    places: [
      'tenant/connection/refreshToken',
      'other/connection/refreshToken',
      'tenant/connection/accessToken',
    ],
    isFault: hasCode('SEAL_FAILED'),
  }
}

function valueSealer(): Sealer {
  const ring = parseKeyRing(new Redacted(generateKey()))
  return {
    seal: async (text, place) => sealValue(ring, text, place.split('/')),
    open: async (sealed, place) => openValue(ring, sealed, place.split('/')),
  }
}

export function capsuleCase(): SealerCase {
  return {
    name: 'capsules',
    mine: capsuleSealer(),
    other: capsuleSealer(),
    places: ['strava/a/key1', 'xero/a/key1', 'strava/b/key1', 'strava/a/key2'],
    // Longer ones become references; see test/unit/credentials/capsule.test.ts.
    longest: 1500,
    isFault: hasCode('TOKEN_REVOKED'),
  }
}

/** A place is provider/owner/fingerprint; a sealed text is the access and the refresh capsule with a space between. */
function capsuleSealer(): Sealer {
  const ring = parseKeyRing(new Redacted(generateKey()))
  return {
    async seal(text, place) {
      const { provider, did, fingerprint } = bindingOf(place)
      const capsules = sealCapsules(ring, {
        provider,
        did,
        fingerprint,
        grantId: 'grant-1',
        content: contentOf(text),
      })
      return `${capsules.accessToken} ${capsules.refreshToken}`
    },
    async open(sealed, place) {
      const { provider, did, fingerprint } = bindingOf(place)
      const [accessToken, refreshToken, ...more] = sealed.split(' ')
      if (more.length > 0)
        return textOf(
          openCapsules(ring, { accessToken: sealed, refreshToken }, { provider, did, fingerprints: [] })
            .content,
        )
      return textOf(
        openCapsules(ring, { accessToken, refreshToken }, { provider, did, fingerprints: [fingerprint] })
          .content,
      )
    },
  }
}

function bindingOf(place: string): { provider: string; did: Did; fingerprint: string } {
  const [provider = '', owner = '', fingerprint = ''] = place.split('/')
  return { provider, did: `did:vda:testnet:0x${owner.repeat(40)}` as Did, fingerprint }
}

export function grantTokensCase(): SealerCase {
  return {
    name: 'grant tokens',
    mine: grantSealer(),
    other: grantSealer(),
    places: ['grant-1', 'grant-2'],
    isFault: hasCode('SEAL_FAILED'),
  }
}

function grantSealer(): Sealer {
  const nodeSecret = randomBytes(32)
  const grantSecret = randomBytes(32)
  return {
    seal: async (text, grantId) =>
      sealGrantTokens({ nodeSecret, grantId }, { ...contentOf(text), grantSecret }),
    open: async (sealed, grantId) => textOf(openGrantTokens({ nodeSecret, grantId }, grantSecret, sealed)),
  }
}

function contentOf(text: string): GrantContent {
  return {
    grantSecret: randomBytes(32),
    generation: 1,
    tokens: { accessToken: new Redacted('access'), refreshToken: new Redacted('refresh') },
    account: { id: '1', name: text },
  }
}

function textOf(content: GrantContent): string {
  return content.account?.name ?? 'no account'
}
