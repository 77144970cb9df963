/** Issues and pull requests that the person made or is assigned to, by the time of their last change. */
import { defineStream, excerpt, newestFirst } from '../../src/provider/index.js'
import { issue } from './api.js'
import { place, readList, steady } from './github.js'

export const issues = defineStream({
  name: 'issues',
  label: 'Issues and pull requests',
  schema: 'document',
  item: issue,
  deletes: 'none',
  // One list each: GitHub has no filter for both.
  partitions: async () => ['created', 'assigned'],
  ...newestFirst({
    token: place,
    timeMs: (item) => Date.parse(issue.safeParse(item).data?.updated_at ?? ''),
    async list(http, { token, floorMs }, { partition }) {
      const query = {
        filter: partition,
        state: 'all',
        sort: 'updated',
        direction: 'desc',
        since: floorMs === undefined ? undefined : new Date(floorMs).toISOString(),
      }
      const { items, next } = await readList(http, '/issues', { query, from: token ?? null })
      return { items, next: next ?? undefined }
    },
  }),

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created_at,
    modifiedAt: item.updated_at,
    fields: {
      name: item.title.trim() === '' ? `#${item.number}` : item.title,
      summary: excerpt(item.body, 256),
      type: 'txt',
      contentText: item.body ?? '',
      uri: item.html_url,
      // The repository's own times and counts change without the issue.
      sourceData: steady(item, ['repository']),
    },
  }),
})
