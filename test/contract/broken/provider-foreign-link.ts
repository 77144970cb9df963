/** Breaks A19: follows links to wherever they lead, with the token, since it declares a host that is not the service's. */
import { readAnswer, z } from '../../../src/provider/index.js'
import { FOREIGN_HOST } from '../provider-endings.js'
import { API, item, soundFixtures, soundProvider, withStream } from './sound-provider.js'

const linked = z.object({ posts: z.array(z.unknown()), link: z.string(), more: z.boolean() })
const link = (place: string) => `${API}/posts?after=${place}`
const answer = (n: number, more: boolean) => ({ posts: [item(n)], link: link(`place-${n + 1}`), more })

const spoilt = withStream(
  {
    async fetchPage(http, cursor) {
      const page = readAnswer(linked, await http.get((cursor as string | undefined) ?? `${API}/posts`))
      return { items: page.posts, cursor: page.link, more: page.more }
    },
  },
  {
    ...soundFixtures,
    pages: [
      {
        request: `GET ${API}/posts`,
        body: { ...answer(1, true), posts: [item(1), item(2)], link: link('place-3') },
      },
      { request: `GET ${link('place-3')}`, body: answer(3, false) },
    ],
    later: [{ request: `GET ${link('place-4')}`, body: answer(4, false) }],
  },
)

export const breaks = 'A19-endings'
export const one = {
  ...spoilt,
  provider: { ...spoilt.provider, hosts: [...soundProvider.hosts, FOREIGN_HOST] },
}
