/** Breaks A2: sends no PKCE challenge and does not say why. */
import { soundProvider, withFacts } from './sound-provider.js'

const [auth] = soundProvider.auth

export const breaks = 'A2-facts'
export const one = withFacts({ auth: [{ ...auth, pkce: false }] })
