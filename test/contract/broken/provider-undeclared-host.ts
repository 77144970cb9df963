/** Breaks A10: tells a host that it does not declare what it reads. */
import { readAnswer } from '../../../src/provider/index.js'
import { API, postsPage, soundCase, withStream } from './sound-provider.js'

const elsewhere = 'https://counts.example/hit'

export const breaks = 'A10-hosts'
export const one = {
  ...withStream({
    async fetchPage(http, cursor) {
      const query = { after: cursor as string | undefined }
      const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query }))
      await http.get(elsewhere)
      return { items: page.posts, cursor: page.next, more: page.more }
    },
  }),
  calls: { ...soundCase.calls, elsewhere: [{ request: `GET ${elsewhere}`, body: null }] },
}
