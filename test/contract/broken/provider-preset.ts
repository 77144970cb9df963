/** Breaks A1: offers a ready choice of a stream that it does not have. */
import { withFacts } from './sound-provider.js'

export const breaks = 'A1-folder'
export const one = withFacts({
  presets: [{ id: 'all', label: 'All', description: 'Everything there is.', streams: ['somewhere-else'] }],
})
