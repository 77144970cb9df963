/** Emails: the first run lists all, later ones read the mailbox's history. Each message is a call of its own: Gmail lists ids only. */
import {
  defineStream,
  NodeError,
  readAnswer,
  skip,
  syncToken,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { emailFields, isDraft, sentAt, sourceOf } from './email-fields.js'
import { COST, GMAIL_API, historyPage, message, messagesPage, profile, stub } from './gmail-api.js'
import { lastStates } from './mail-history.js'
import { GMAIL } from './scopes.js'
import { place, placeAt, windowOf } from './window.js'

/** So many messages make a page: 1,005 of the 6,000 units of a minute. */
const PAGE = 50
/** Asked for at the same time. */
const AT_ONCE = 10

export const emails = defineStream({
  name: 'emails',
  label: 'Emails',
  schema: 'social/email',
  scopes: [GMAIL],
  item: message,
  deletes: 'feed',

  ...syncToken({
    token: place,
    // Before the list: what comes in while it is read is told by the first history.
    async start(http) {
      const answer = await http.get(`${GMAIL_API}/profile`, { cost: COST.profile })
      return { at: readAnswer(profile, answer).historyId }
    },
    async full(http, { page }, { sinceMs }) {
      const since = windowOf(page, sinceMs)
      const after = since === undefined ? undefined : `after:${Math.floor(Date.parse(since) / 1_000)}`
      // Spam and bin are left out, as by default; drafts are skipped one by one.
      const query = { maxResults: PAGE, q: after, pageToken: page?.at }
      const answer = await http.get(`${GMAIL_API}/messages`, { query, cost: COST.list })
      const { messages = [], nextPageToken } = readAnswer(messagesPage, answer)
      const ids = messages.flatMap((row) => stub.safeParse(row).data?.id ?? [])
      // What has no id is set aside as it is.
      const odd = messages.filter((row) => !stub.safeParse(row).success)
      const { items, deletedIds } = await readMessages(http, ids)
      return { items: [...items, ...odd], deletedIds, next: placeAt(nextPageToken, since) }
    },
    async changes(http, { token, page }) {
      const query = { startHistoryId: token.at, maxResults: PAGE, pageToken: page?.at }
      const answer = await http.get(`${GMAIL_API}/history`, { query, cost: COST.history })
      const log = readAnswer(historyPage, answer)
      const { presentIds, goneIds } = lastStates(log)
      const { items, deletedIds } = await readMessages(http, presentIds)
      return {
        items,
        deletedIds: [...goneIds, ...deletedIds],
        next: placeAt(log.nextPageToken),
        token: placeAt(log.historyId),
      }
    },
  }),

  map(item) {
    if (isDraft(item)) return skip('draft')
    return {
      sourceId: item.id,
      insertedAt: sentAt(item),
      fields: { ...emailFields(item), sourceData: sourceOf(item) },
    }
  },
})

/** Whole messages; those that went between the list and this call are named as deleted. */
async function readMessages(http: ProviderHttp, ids: readonly string[]) {
  const items: unknown[] = []
  const deletedIds: string[] = []
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE)
    const read = await Promise.all(some.map((id) => readMessage(http, id)))
    for (const [at, one] of read.entries()) {
      if (one === GONE) deletedIds.push(some[at] ?? '')
      else items.push(one)
    }
  }
  return { items, deletedIds }
}

const GONE = Symbol('gone')

async function readMessage(http: ProviderHttp, id: string): Promise<unknown> {
  try {
    const url = `${GMAIL_API}/messages/${encodeURIComponent(id)}`
    return (await http.get(url, { query: { format: 'full' }, cost: COST.message })).json
  } catch (error) {
    // 404: `classify` cannot know that here no place in a list was meant.
    if (error instanceof NodeError && error.code === 'CURSOR_EXPIRED') return GONE
    throw error
  }
}
