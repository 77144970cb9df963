/** What the person did at GitHub: the last 300 events of the last 30 days. They are told 30 seconds to 6 hours late. */
import { defineStream, newestFirst, readAnswer, type ProviderHttp } from '../../src/provider/index.js'
import { event, me, type Event } from './api.js'
import { API, HEADERS, place, readList, steady } from './github.js'

const LATENCY_MS = 6 * 3_600_000

export const events = defineStream({
  name: 'events',
  label: 'Activity',
  schema: 'activity/history',
  item: event,
  deletes: 'none',
  ...newestFirst({
    token: place,
    overlapMs: LATENCY_MS,
    timeMs: (item) => Date.parse(event.safeParse(item).data?.created_at ?? ''),
    async list(http, { token }) {
      const path = `/users/${encodeURIComponent(await loginOf(http))}/events`
      const { items, next } = await readList(http, path, { from: token ?? null })
      return { items, next: next ?? undefined }
    },
  }),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created_at,
    fields: {
      name: `${deedOf(item)} ${item.repo.name}`,
      timestamp: item.created_at,
      activityType: 'browsing',
      url: `https://github.com/${item.repo.name}`,
      sourceData: steady(item),
    },
  }),
})

/** Asked for each time: people change their names, and the cursor should not hold them. */
async function loginOf(http: ProviderHttp): Promise<string> {
  return readAnswer(me, await http.get(`${API}/user`, { headers: HEADERS })).username
}

/** https://docs.github.com/rest/using-the-rest-api/github-event-types */
const DEEDS: ReadonlyMap<string, string> = new Map([
  ['CommitCommentEvent', 'Commented on a commit in'],
  ['CreateEvent', 'Created something in'],
  ['DeleteEvent', 'Deleted something in'],
  ['DiscussionEvent', 'Discussed in'],
  ['ForkEvent', 'Forked'],
  ['GollumEvent', 'Edited the wiki of'],
  ['IssueCommentEvent', 'Commented on an issue in'],
  ['IssuesEvent', 'Worked on an issue in'],
  ['MemberEvent', 'Changed members of'],
  ['PublicEvent', 'Made public'],
  ['PullRequestEvent', 'Worked on a pull request in'],
  ['PullRequestReviewCommentEvent', 'Commented on a pull request in'],
  ['PullRequestReviewEvent', 'Reviewed a pull request in'],
  ['PushEvent', 'Pushed to'],
  ['ReleaseEvent', 'Released'],
  ['SponsorshipEvent', 'Sponsored'],
  ['WatchEvent', 'Starred'],
])

/** A kind that is not known keeps its own name. */
const deedOf = ({ type, payload }: Event): string => {
  const kind = payload?.ref_type
  if (type === 'CreateEvent' && kind) return kind === 'repository' ? 'Created' : `Created a ${kind} in`
  if (type === 'DeleteEvent' && kind) return `Deleted a ${kind} in`
  return DEEDS.get(type) ?? `${type}:`
}
