/** Breaks A4: sends people, and the code that comes back, over plain HTTP. */
import { soundAuth, withFacts } from './sound-provider.js'

export const breaks = 'A4-authorize'
export const one = withFacts({ auth: [{ ...soundAuth, authorize: 'http://api.sound.example/authorize' }] })
