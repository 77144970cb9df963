/** Breaks A19: reads all pages as one, and with a service that repeats itself for ever. */
import { readAnswer } from '../../../src/provider/index.js'
import { API, postsPage, withStream } from './sound-provider.js'

export const breaks = 'A19-endings'
export const one = withStream({
  paged: false,
  async fetchPage(http, cursor) {
    const items: unknown[] = []
    let after = cursor as string | undefined
    for (;;) {
      const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query: { after } }))
      items.push(...page.posts)
      if (!page.more) return { items, cursor: page.next, more: false }
      after = page.next
    }
  },
})
