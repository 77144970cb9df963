/** Breaks A9: takes every failure for the end of the list. */
import { readAnswer } from '../../../src/provider/index.js'
import { API, postsPage, withStream } from './sound-provider.js'

export const breaks = 'A9-failures'
export const one = withStream({
  async fetchPage(http, cursor, { signal }) {
    const query = { after: cursor as string | undefined }
    const answer = await http.get(`${API}/posts`, { query }).catch(() => undefined)
    signal.throwIfAborted()
    if (answer === undefined) return { items: [], cursor: cursor ?? '', more: false }
    const page = readAnswer(postsPage, answer)
    return { items: page.posts, cursor: page.next, more: page.more }
  },
})
