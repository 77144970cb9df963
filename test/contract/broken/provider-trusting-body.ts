/** Breaks A8: takes a body of another form for a page without items. */
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { API, withStream } from './sound-provider.js'

export const breaks = 'A8-hostile'
export const one = withStream({
  async fetchPage(http, cursor) {
    const { json } = await http.get(`${API}/posts`, { query: { after: cursor as string | undefined } })
    const { posts, next, more } = (json ?? {}) as JsonObject
    return { items: Array.isArray(posts) ? posts : [], cursor: next ?? 'end', more: more === true }
  },
})
