/** Breaks A2: revoke is a function that ends nothing at the provider. */
import { withFacts } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withFacts({ revoke: async () => undefined })
