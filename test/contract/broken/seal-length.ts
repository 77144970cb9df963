/** Breaks B9: declares a padding that it does not make. */
import { caseOf } from './sound-sealer.js'

export const breaks = 'B9-length'
export const sealer = { ...caseOf(breaks, (sound) => sound), padsTo: 256 }
