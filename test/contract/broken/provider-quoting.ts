/** Breaks A12: an error quotes what the service answered, and with it people and tokens. */
import { NodeError } from '../../../src/provider/index.js'
import { API, postsPage, withStream } from './sound-provider.js'

export const breaks = 'A12-leaks'
export const one = withStream({
  async fetchPage(http, cursor) {
    const { json } = await http.get(`${API}/posts`, { query: { after: cursor as string | undefined } })
    const page = postsPage.safeParse(json)
    if (!page.success)
      throw new NodeError('PROVIDER_CHANGED', { detail: `odd answer: ${JSON.stringify(json)}` })
    return { items: page.data.posts, cursor: page.data.next, more: page.data.more }
  },
})
