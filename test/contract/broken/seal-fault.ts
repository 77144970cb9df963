/** Breaks B10: refuses with whatever error comes up. */
import { caseOf } from './sound-sealer.js'

export const breaks = 'B10-fault'
export const sealer = caseOf(breaks, (sound) => ({
  seal: (text, place) => sound.seal(text, place),
  async open(sealed, place) {
    try {
      return await sound.open(sealed, place)
    } catch (cause) {
      throw new TypeError('Unsupported state', { cause })
    }
  },
}))
