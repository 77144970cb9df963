/** Breaks A2 the other way: refresh tokens are issued, and it says there are none. */
import { soundAuth, withFacts } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withFacts({ auth: [{ ...soundAuth, refresh: false }] })
