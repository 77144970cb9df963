/** Breaks A2: sends no PKCE challenge and does not say why. */
import { soundAuth, withFacts } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withFacts({ auth: [{ ...soundAuth, pkce: false }] })
