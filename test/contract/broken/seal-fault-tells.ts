/** Breaks B10 in another way: its error tells the text that it did not give out. */
import { caseOf, Refused } from './sound-sealer.js'

export const breaks = 'B10-fault'
export const sealer = caseOf(`${breaks} (tells)`, (sound) => {
  let last = ''
  return {
    seal: (text, place) => sound.seal((last = text), place),
    async open(sealed, place) {
      try {
        return await sound.open(sealed, place)
      } catch {
        throw new Refused(`cannot open ${last}`)
      }
    },
  }
})
