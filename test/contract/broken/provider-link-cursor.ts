/** Breaks A12: keeps the service's link to the next page, with the token in it, as its cursor. */
import { readAnswer, z } from '../../../src/provider/index.js'
import { TOKEN } from '../../support/provider-settings.js'
import { API, item, postsPage, soundCase, soundFixtures, withStream } from './sound-provider.js'

const linked = postsPage.extend({ link: z.string() })
const link = (place: string) => `${API}/posts?access_token=${TOKEN}&after=${place}`
const answer = (n: number, more: boolean) => ({
  posts: n === 1 ? [item(1), item(2)] : [item(n)],
  next: '',
  more,
  link: link(`place-${Math.max(n, 2)}`),
})

export const breaks = 'A12-leaks'
export const one = {
  ...withStream(
    {
      async fetchPage(http, cursor) {
        const page = readAnswer(linked, await http.get((cursor as string | undefined) ?? `${API}/posts`))
        return { items: page.posts, cursor: page.link, more: page.more }
      },
    },
    {
      ...soundFixtures,
      pages: [
        { request: `GET ${API}/posts`, body: answer(1, true) },
        { request: `GET ${link('place-2')}`, body: answer(3, false) },
      ],
      later: [{ request: `GET ${link('place-3')}`, body: answer(4, false) }],
    },
  ),
  // What the node's client makes of those links.
  calls: {
    ...soundCase.calls,
    second: [{ request: `GET ${API}/posts?after=place-2`, body: answer(3, false) }],
    third: [{ request: `GET ${API}/posts?after=place-3`, body: answer(4, false) }],
  },
}
