/** Breaks A2: exchanges its token, and nobody recorded what comes of it. */
import { soundProvider, withFacts } from './sound-provider.js'

const [auth] = soundProvider.auth

export const breaks = 'A2-facts'
export const one = withFacts({ auth: [{ ...auth, exchange: () => ({ grant_type: 'longer' }) }] })
