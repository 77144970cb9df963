/** Breaks B6: forgives white space around it. */
import { caseOf } from './sound-sealer.js'

export const breaks = 'B6-extended'
export const sealer = caseOf(breaks, (sound) => ({
  seal: (text, place) => sound.seal(text, place),
  open: (sealed, place) => sound.open(sealed.trim(), place),
}))
