/** Breaks A4: sets `state` itself, so that a sign-in can be forged. */
import { soundAuth, withFacts } from './sound-provider.js'

export const breaks = 'A4-authorize'
export const one = withFacts({ auth: [{ ...soundAuth, authorizeParams: { state: 'fixed' } }] })
