/** Breaks A10: puts the token into the address, where proxies and logs keep it. */
import { reveal } from '../../../src/provider/index.js'
import { withFacts } from './sound-provider.js'

export const breaks = 'A10-hosts'
export const one = withFacts({ sign: ({ accessToken }) => ({ auth: `Bearer ${reveal(accessToken)}` }) })
