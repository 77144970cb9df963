/** Breaks A3: a schema that nobody pinned. */
import { withStream } from './sound-provider.js'

export const breaks = 'A3-schemas'
export const one = withStream(
  { schema: 'social/poem' },
  { hostile: [1, 2, 3].map((n) => ({ why: `nothing ${n}`, item: null, outcome: 'refused' })) },
)
