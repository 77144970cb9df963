/** Breaks A8: one odd row throws its whole page away. */
import { readAnswer } from '../../../src/provider/index.js'
import { API, postsPage, withStream } from './sound-provider.js'

export const breaks = 'A8-hostile'
export const one = withStream({
  async fetchPage(http, cursor) {
    const query = { after: cursor as string | undefined }
    const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query }))
    const items = page.posts.filter((row) => (row as { id: string }).id.length > 0)
    return { items, cursor: page.next, more: page.more }
  },
})
