/** Breaks A2 the other way: refresh tokens are issued, and it says there are none. */
import { soundProvider, withFacts } from './sound-provider.js'

const [auth] = soundProvider.auth

export const breaks = 'A2-facts'
export const one = withFacts({ auth: [{ ...auth, refresh: false }] })
