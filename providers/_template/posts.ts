/** Posts: say here in one sentence how a later run finds changes, and whether deletions are told. */
import { defineStream, excerpt, readAnswer, skip, z } from '../../src/provider/index.js'
import { post, postsPage } from './api.js'

export const posts = defineStream({
  name: 'posts',
  label: 'Posts',
  schema: 'social/post', // One of schemas/, by its short name.
  scopes: ['posts.read'],
  cursor: z.string(), // Whatever resumes exactly after a page. It is stored: no tokens, no links that hold some.
  item: post,
  deletes: 'none', // 'feed': pages report deletedIds. 'scan': every run reads everything and the node compares.
  incremental: true, // The last cursor of a run asks for what came after it.

  /** The calls of one page, usually one. No waiting, retrying, logging or clock: tokens, limits and failures are the node's. */
  async fetchPage(http, cursor) {
    const answer = await http.get('https://api.template.example/posts', { query: { after: cursor } })
    const page = readAnswer(postsPage, answer)
    return { items: page.posts, cursor: page.next, more: page.more }
  },

  /** Pure: the same item gives the same record. Times come from the service and never from a clock. */
  map(item) {
    if (item.draft === true) return skip('draft')
    return {
      sourceId: item.id,
      insertedAt: item.createdAt,
      modifiedAt: item.updatedAt ?? item.createdAt,
      fields: {
        name: excerpt(item.text, 80) ?? 'Untitled post',
        summary: excerpt(item.text, 256), // The schema ends at 256.
        type: 'status',
        content: item.text ?? undefined,
        uri: item.url,
      },
    }
  },
})
