/** Breaks A2: exchanges its token, and nobody recorded what comes of it. */
import { soundAuth, withFacts } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withFacts({ auth: [{ ...soundAuth, exchange: () => ({ grant_type: 'longer' }) }] })
