/** Breaks B4: eight characters of its text are checked by nothing. */
import { caseOf } from './sound-sealer.js'

const LABEL = 'LABELABC'

export const breaks = 'B4-flipped'
export const sealer = caseOf(breaks, (sound) => ({
  seal: async (text, place) => LABEL + (await sound.seal(text, place)),
  open: (sealed, place) => sound.open(sealed.slice(LABEL.length), place),
}))
