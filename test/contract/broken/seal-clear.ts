/** Breaks B8: proves who wrote the text, and hides nothing: base64 beside a MAC. */
import { caseOf, Refused } from './sound-sealer.js'

export const breaks = 'B8-hidden'
export const sealer = caseOf(breaks, (sound) => ({
  async seal(text, place) {
    return `${Buffer.from(text, 'utf8').toString('base64url')}.${await sound.seal(text, place)}`
  },
  async open(sealed, place) {
    const dot = sealed.indexOf('.')
    const text = await sound.open(sealed.slice(dot + 1), place)
    if (dot < 0 || sealed.slice(0, dot) !== Buffer.from(text, 'utf8').toString('base64url'))
      throw new Refused('refused')
    return text
  },
}))
