/** Breaks A5: remembers where it was in memory, so that nothing resumes after a restart. */
import { readAnswer, type ProviderHttp } from '../../../src/provider/index.js'
import { API, postsPage, withStream } from './sound-provider.js'

const places = new WeakMap<ProviderHttp, string>()

export const breaks = 'A5-paging'
export const one = withStream({
  async fetchPage(http) {
    const query = { after: places.get(http) }
    const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query }))
    places.set(http, page.next)
    return { items: page.posts, cursor: page.next, more: page.more }
  },
})
