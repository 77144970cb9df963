/** Breaks A11: takes an abort for the end of the list, so that a cursor beyond unread items is stored. */
import { readAnswer } from '../../../src/provider/index.js'
import { API, postsPage, withStream } from './sound-provider.js'

export const breaks = 'A11-abort'
export const one = withStream({
  async fetchPage(http, cursor, { signal }) {
    try {
      const query = { after: cursor as string | undefined }
      const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query }))
      return { items: page.posts, cursor: page.next, more: page.more }
    } catch (error) {
      if (!signal.aborted) throw error
      return { items: [], cursor: 'end', more: false }
    }
  },
})
