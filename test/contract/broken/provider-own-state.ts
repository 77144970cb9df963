/** Breaks A4: sets `state` itself, so that a sign-in can be forged. */
import { soundProvider, withFacts } from './sound-provider.js'

const [auth] = soundProvider.auth

export const breaks = 'A4-authorize'
export const one = withFacts({ auth: [{ ...auth, authorizeParams: { state: 'fixed' } }] })
