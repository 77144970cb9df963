/** Breaks A20: tells of deletions under other ids than those of its records. */
import { outcome, page, item, soundStream, withStream } from './sound-provider.js'

export const breaks = 'A20-deletes'
export const one = withStream(
  {
    deletes: 'feed',
    async fetchPage(http, cursor, context) {
      const read = await soundStream.fetchPage(http, cursor, context)
      return { ...read, ...(cursor === 'place-3' && { deletedIds: ['post/p-1'] }) }
    },
  },
  {
    later: [page('/posts?after=place-3', [item(4)], 'place-4', false)],
    expected: { first: outcome(1, 2, 3), later: { ...outcome(4), deletedIds: ['post/p-1'] } },
  },
)
