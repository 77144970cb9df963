/** Breaks A4: sends people, and the code that comes back, over plain HTTP. */
import { soundProvider, withFacts } from './sound-provider.js'

const [auth] = soundProvider.auth

export const breaks = 'A4-authorize'
export const one = withFacts({ auth: [{ ...auth, authorize: 'http://api.sound.example/authorize' }] })
