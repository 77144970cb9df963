/** Posts, replies and reposts, the newest first. Later runs read what is newer than the newest one; deletions are not told. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { API, list, post } from './api.js'

/** No counts: they change by themselves. */
const FIELDS =
  'attachments,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets'

const id = z.string()

export const posts = defineStream({
  name: 'posts',
  label: 'Posts',
  schema: 'social/post',
  scopes: ['tweet.read', 'users.read'],
  // `since`: newer than this in the whole run; `until`: older than this in the next page; `newest`: met so far.
  cursor: z.object({ since: id.nullable(), until: id.nullable(), newest: id.nullable() }),
  item: post,
  deletes: 'none',
  incremental: true,

  async fetchPage(http, cursor, { account, sinceMs }) {
    const { since, until, newest } = cursor ?? { since: null, until: null, newest: null }
    const query = {
      max_results: 100,
      'tweet.fields': FIELDS,
      since_id: since ?? undefined,
      // Both would be refused; an id knows its time.
      start_time: since === null && sinceMs !== undefined ? new Date(sinceMs).toISOString() : undefined,
      until_id: until ?? undefined,
    }
    const url = `${API}/users/${encodeURIComponent(account.id)}/tweets`
    const { data = [], meta } = readAnswer(list, await http.get(url, { query }))
    const top = newest ?? meta.newest_id ?? null
    // Ids stay good where a page's token would not: a run goes on tomorrow, too.
    const oldest = meta.next_token ? (meta.oldest_id ?? null) : null
    if (oldest !== null) return { items: data, cursor: { since, until: oldest, newest: top }, more: true }
    return { items: data, cursor: { since: top ?? since, until: null, newest: null }, more: false }
  },

  map(item) {
    const text = item.note_tweet?.text ?? item.text
    return {
      sourceId: item.edit_history_tweet_ids?.[0] ?? item.id,
      insertedAt: item.created_at,
      fields: {
        name: excerpt(text, 80) ?? 'Untitled post',
        summary: excerpt(text, 256),
        type: (item.attachments?.poll_ids?.length ?? 0) > 0 ? 'question' : 'status',
        content: text,
        uri: `https://x.com/i/web/status/${item.id}`,
      },
    }
  },
})
