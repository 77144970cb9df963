/** Verida's envelope as a case of the seal suite: one text in one document, by each library that may do it. */
import { randomBytes } from 'node:crypto'
import { createEnvelope } from '../../../src/vault/envelope.js'
import { naclSecretbox, sodiumSecretbox, type Secretbox } from '../../../src/vault/secretbox.js'
import type { Sealer, SealerCase } from '../../contract/seal.js'
import { hasCode } from './node-error-code.js'

export function envelopeCases(): SealerCase[] {
  return [naclSecretbox, sodiumSecretbox()].flatMap((box) => (box === undefined ? [] : [envelopeCase(box)]))
}

function envelopeCase(box: Secretbox): SealerCase {
  return {
    name: `envelope (${box.library})`,
    mine: sealer(box),
    other: sealer(box),
    places: ['a'.repeat(32), 'b'.repeat(32)],
    padsTo: 256,
    isFault: hasCode('SEAL_FAILED'),
  }
}

function sealer(box: Secretbox): Sealer {
  const envelope = createEnvelope(randomBytes(32), box)
  return {
    seal: async (text, place) => envelope.seal({ _id: place, text }),
    open: async (sealed, place) => envelope.open(sealed, place)['text'] as string,
  }
}
