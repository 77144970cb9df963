/** Posts: a change feed, so later runs read only what changed, and the feed itself tells what was deleted. */
import { defineStream, excerpt, readAnswer, skip, z } from '../../src/provider/index.js'
import { deletion, post, postsPage } from './api.js'
import { settings } from './settings.js'

export const posts = defineStream({
  name: 'posts',
  label: 'Posts',
  settings,
  schema: 'social/post',
  scopes: ['posts'],
  cursor: z.string(),
  item: post,
  deletes: 'feed',
  incremental: true,

  async fetchPage(http, cursor, { settings }) {
    // One call. Tokens, retries, rate limits and failures are the node's: anything thrown here goes straight through.
    const answer = await http.get(`${settings.origin}/api/posts`, { query: { cursor } })
    const { changes, ...next } = readAnswer(postsPage, answer)
    const deletedIds: string[] = []
    const items = changes.filter((row) => {
      const gone = deletion.safeParse(row)
      if (gone.success) deletedIds.push(gone.data.id)
      return !gone.success
    })
    // `cursor` resumes after this very page. The last one (`more: false`) begins the next run.
    return { items, deletedIds, ...next }
  },

  map(item) {
    if (item.visibility === 'draft') return skip('draft')
    return {
      sourceId: item.id,
      insertedAt: item.createdAt,
      modifiedAt: item.updatedAt ?? item.createdAt,
      fields: {
        name: item.title ?? excerpt(item.text, 80) ?? 'Untitled post',
        summary: excerpt(item.text, 256),
        // Kinds the schema does not know are not guessed at: such a post is quarantined and the receipt says so.
        type: item.kind,
        content: item.text,
        contentHtml: item.html ?? undefined,
        uri: item.url,
        icon: item.media.find((media) => media.type === 'photo')?.url,
      },
    }
  },
})
