/** Breaks A2: says that everything comes at once, and leaves the second page unread in its tests. */
import { withStream } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withStream({ paged: false })
