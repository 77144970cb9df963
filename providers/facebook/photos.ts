/** Photos that the person uploaded. Nobody tells of one that was deleted, so each run reads all and the node compares. */
import { defineStream, excerpt, readAnswer } from '../../src/provider/index.js'
import { photo } from './api.js'
import { edge, GRAPH, nextPlace, place, requirePermission } from './graph.js'

/** No pictures: their addresses are signed anew in every answer, so each record would change in each run. */
export const PHOTO_FIELDS = 'id,created_time,updated_time,name,link,album{id,name}'

export const photos = defineStream({
  name: 'photos',
  label: 'Photos',
  schema: 'social/post',
  scopes: ['user_photos'],
  // Where to go on; null begins a new scan.
  cursor: place.nullable(),
  item: photo,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor) {
    if (!cursor) await requirePermission(http, 'user_photos')
    // Without the type, photos of others in which the person is tagged come too.
    const query = { type: 'uploaded', fields: PHOTO_FIELDS, limit: 100, ...cursor }
    const page = readAnswer(edge, await http.get(`${GRAPH}/me/photos`, { query }))
    const next = nextPlace(page)
    return { items: page.data, cursor: next, more: next !== null }
  },

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.created_time,
    modifiedAt: item.updated_time ?? item.created_time,
    fields: {
      name: excerpt(item.name, 80) ?? 'Untitled photo',
      summary: excerpt(item.name, 256),
      type: 'photo',
      content: item.name ?? undefined,
      uri: item.link ?? `https://www.facebook.com/${item.id}`,
    },
  }),
})
