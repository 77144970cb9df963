/** Breaks A2: says that its feed tells of deletions, and no page does. */
import { withStream } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withStream({ deletes: 'feed' })
