/** Starred repositories, the earliest first. A star taken back is not told: each run reads all and the node compares. */
import { defineStream, excerpt } from '../../src/provider/index.js'
import { star } from './api.js'
import { place, readList, steady } from './github.js'

export const starred = defineStream({
  name: 'starred',
  label: 'Starred repositories',
  schema: 'favourite',
  // Where to go on; null begins a new scan.
  cursor: place.nullable(),
  item: star,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    // This media type alone tells when. The order keeps a new star from moving what is still to be read.
    const { items, next } = await readList(http, '/user/starred', {
      query: { sort: 'created', direction: 'asc' },
      from: cursor ?? null,
      accept: 'application/vnd.github.star+json',
    })
    return { items, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.repo.id,
    insertedAt: item.starred_at,
    fields: {
      name: item.repo.full_name,
      summary: excerpt(item.repo.description, 256),
      icon: item.repo.owner?.avatar_url ?? undefined,
      favouriteType: 'favourite',
      contentType: 'webpage',
      uri: item.repo.html_url,
      sourceData: steady(item, ['updated_at']),
    },
  }),
})
