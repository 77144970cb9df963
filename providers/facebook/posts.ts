/** Posts: the first run reads all, later ones those of the last 30 days and newer, so that edits are met. Deletions are not told. */
import { defineStream, excerpt, readAnswer, z } from '../../src/provider/index.js'
import { post, type Post } from './api.js'
import { edge, GRAPH, nextPlace, place, requirePermission } from './graph.js'

/** No pictures or sources: their addresses are signed anew in every answer, so each record would change in each run. */
const FIELDS =
  'id,created_time,updated_time,message,story,status_type,permalink_url,attachments{media_type,title,unshimmed_url}'
const WINDOW_S = 30 * 86_400

export const posts = defineStream({
  name: 'posts',
  label: 'Posts',
  schema: 'social/post',
  scopes: ['user_posts'],
  // `since` holds for a whole run, `place` goes through it, `newest` is the latest post met so far (s since 1970).
  cursor: z.object({ since: z.number().nullable(), place: place.nullable(), newest: z.number() }),
  item: post,
  deletes: 'none',
  incremental: true,

  async fetchPage(http, cursor, { now }) {
    const { since, newest, ...from } = cursor ?? { since: null, place: null, newest: 0 }
    if (!from.place) await requirePermission(http, 'user_posts')
    const query = { fields: FIELDS, limit: 50, since: since ?? undefined, ...from.place }
    const page = readAnswer(edge, await http.get(`${GRAPH}/me/posts`, { query }))
    const latest = Math.max(newest, ...page.data.map(createdS))
    const next = nextPlace(page)
    if (next) return { items: page.data, cursor: { since, place: next, newest: latest }, more: true }
    // A post dated ahead must not hide later ones: never go past our own time. A run without posts moves nothing.
    const begin = latest === 0 ? since : Math.max(0, Math.min(latest, Math.floor(now / 1_000)) - WINDOW_S)
    return { items: page.data, cursor: { since: begin, place: null, newest: 0 }, more: false }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created_time,
    modifiedAt: item.updated_time ?? item.created_time,
    fields: {
      name: excerpt(item.message, 80) ?? excerpt(item.story, 80) ?? 'Untitled post',
      summary: excerpt(item.message ?? item.story, 256),
      type: kindOf(item),
      content: item.message ?? undefined,
      uri: item.permalink_url ?? `https://www.facebook.com/${item.id}`,
    },
  }),
})

/** By what is attached, else by how it was made; both are said in other words than the schema's. */
const KINDS: ReadonlyMap<string | null | undefined, string> = new Map([
  ...['photo', 'video', 'album', 'link', 'event', 'music', 'note', 'offer'].map(
    (kind) => [kind, kind] as const,
  ),
  ['added_photos', 'photo'],
  ['added_video', 'video'],
  ['shared_story', 'link'],
  ['created_event', 'event'],
  ['created_note', 'note'],
])

function kindOf({ attachments, status_type: status }: Post): string {
  const words = [...(attachments?.data.map((one) => one.media_type) ?? []), status]
  return words.map((word) => KINDS.get(word)).find((kind) => kind !== undefined) ?? 'status'
}

/** The time of a row, 0 when it cannot be read: such a row is quarantined later and moves no cursor. */
function createdS(row: unknown): number {
  const read = post.safeParse(row)
  return read.success ? Math.floor(Date.parse(read.data.created_time) / 1_000) : 0
}
