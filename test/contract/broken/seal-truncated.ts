/** Breaks B5: does not miss its end mark. */
import { caseOf } from './sound-sealer.js'

export const breaks = 'B5-truncated'
export const sealer = caseOf(breaks, (sound) => ({
  seal: async (text, place) => `${await sound.seal(text, place)}.`,
  open: (sealed, place) => sound.open(sealed.replace(/\.$/, ''), place),
}))
