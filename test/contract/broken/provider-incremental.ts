/** Breaks A2: says that later runs read changes only, and reads everything again. */
import { readAnswer, z } from '../../../src/provider/index.js'
import { API, outcome, postsPage, withStream } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = withStream(
  {
    cursor: z.string().nullable(),
    async fetchPage(http, cursor) {
      const query = { after: (cursor as string | null) ?? undefined }
      const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query }))
      return { items: page.posts, cursor: page.more ? page.next : null, more: page.more }
    },
  },
  { later: [], expected: { first: outcome(1, 2, 3), later: outcome(1, 2, 3) } },
)
