/** Breaks B1: keeps one byte of each character. */
import { caseOf } from './sound-sealer.js'

export const breaks = 'B1-round-trip'
export const sealer = caseOf(breaks, (sound) => ({
  seal: (text, place) => sound.seal(Buffer.from(text, 'latin1').toString('latin1'), place),
  open: (sealed, place) => sound.open(sealed, place),
}))
