/** A sound sealer, which each `seal-*.ts` beside it spoils in one way; the proof that the suite tells them apart. */
import { randomBytes } from 'node:crypto'
import { openBytes, sealBytes } from '../../../src/lib/aead.js'
import { fromBase64url } from '../../../src/lib/base64url.js'
import type { Sealer, SealerCase } from '../seal.js'

export class Refused extends Error {}

/** AES-256-GCM, the place bound as associated data. */
export function soundSealer(key: Uint8Array = randomBytes(32)): Sealer {
  return {
    seal: async (text, place) => sealBytes(key, Buffer.from(text, 'utf8'), [place]).toString('base64url'),
    async open(sealed, place) {
      const bytes = fromBase64url(sealed)
      const plaintext = bytes && openBytes(key, bytes, [place])
      if (plaintext === undefined) throw new Refused('refused')
      return plaintext.toString('utf8')
    },
  }
}

/** A case out of a way to make sealers; `make` is called twice, for two keys. */
export function caseOf(name: string, make: (sound: Sealer) => Sealer): SealerCase {
  return {
    name,
    mine: make(soundSealer()),
    other: make(soundSealer()),
    places: ['here', 'there'],
    isFault: (error) => error instanceof Refused,
  }
}
