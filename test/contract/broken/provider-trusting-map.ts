/** Breaks A8: checks nothing of an item, and map falls over odd ones. */
import { skip, z } from '../../../src/provider/index.js'
import { draftOf, type post, withStream } from './sound-provider.js'

export const breaks = 'A8-hostile'
export const one = withStream({
  item: z.unknown(),
  map(item) {
    const trusted = item as z.output<typeof post>
    return trusted.draft === true ? skip('draft') : draftOf({ ...trusted, url: trusted.url.trim() })
  },
})
