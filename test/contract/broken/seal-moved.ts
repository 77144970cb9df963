/** Breaks B7: binds no place. */
import { caseOf } from './sound-sealer.js'

export const breaks = 'B7-moved'
export const sealer = caseOf(breaks, (sound) => ({
  seal: (text) => sound.seal(text, 'anywhere'),
  open: (sealed) => sound.open(sealed, 'anywhere'),
}))
