/** Live reads: albums as folders, photos as their items. Albums are read off the photos: Facebook gives no list of them. */
import {
  NodeError,
  readAnswer,
  z,
  type Browse,
  type Container,
  type JsonObject,
} from '../../src/provider/index.js'
import { album, photo } from './api.js'
import { edge, GRAPH, nextPlace, place, requirePermission } from './graph.js'
import { PHOTO_FIELDS } from './photos.js'
import type { settings } from './settings.js'

const ALBUM_FIELDS = 'album{id,name,link,created_time,updated_time}'
/** Of more albums than this, one can be told twice. */
const MOST_SEEN = 500

/** Where the photos go on, and the albums that were told. */
const albumCursor = z.object({ place, seen: z.array(z.string()).max(MOST_SEEN) })
const holder = z.looseObject({ album: z.unknown() })

export const browse: Browse<typeof settings> = {
  containerKinds: ['folder'],
  itemKinds: ['file'],
  filters: ['container'],
  scopes: ['user_photos'],

  async containers(http, { cursor, limit, parentId }) {
    if (parentId !== undefined) return { data: [] }
    if (cursor === undefined) await requirePermission(http, 'user_photos')
    const from = read(albumCursor, cursor) ?? { place: {}, seen: [] }
    const query = { type: 'uploaded', fields: ALBUM_FIELDS, limit, ...from.place }
    const page = readAnswer(edge, await http.get(`${GRAPH}/me/photos`, { query }))
    const known = new Set(from.seen)
    const data = page.data.flatMap((row) => albumOf(row, known))
    const next = nextPlace(page)
    const seen = [...known].slice(-MOST_SEEN)
    return next === null ? { data } : { data, cursor: { place: next, seen } as JsonObject }
  },

  async items(http, { cursor, limit, containerId }) {
    if (cursor === undefined) await requirePermission(http, 'user_photos')
    const from = read(place, cursor) ?? {}
    const all = containerId === undefined
    const query = { fields: PHOTO_FIELDS, limit, ...from, ...(all && { type: 'uploaded' }) }
    const url = `${GRAPH}/${all ? 'me' : albumId(containerId)}/photos`
    const page = readAnswer(edge, await http.get(url, { query }))
    const data = page.data.flatMap((raw) => {
      const one = photo.safeParse(raw).data
      if (one === undefined) return []
      const inside = one.album?.id ?? containerId
      return [
        {
          id: one.id,
          kind: 'file',
          name: one.name ?? 'Untitled photo',
          ...(inside !== undefined && { containerId: inside }),
          ...(one.link && { url: one.link }),
          createdAt: one.created_time,
          ...(one.updated_time && { updatedAt: one.updated_time }),
          raw,
        },
      ]
    })
    const next = nextPlace(page)
    return next === null ? { data } : { data, cursor: next }
  },
}

/** @throws NodeError REQUEST_INVALID: not a cursor of this list */
function read<T>(form: z.ZodType<T>, cursor: unknown): T | undefined {
  if (cursor === undefined) return undefined
  const given = form.safeParse(cursor)
  if (given.success) return given.data
  throw new NodeError('REQUEST_INVALID', { detail: 'not a cursor of this list' })
}

/** It becomes part of an address. */
function albumId(text: string): string {
  if (/^\d{1,40}$/.test(text)) return text
  throw new NodeError('REQUEST_INVALID', { detail: 'containerId is not the id of an album' })
}

/** The album of a photo, once. */
function albumOf(row: unknown, known: Set<string>): readonly Container[] {
  const raw = holder.safeParse(row).data?.album
  const one = album.safeParse(raw).data
  if (one === undefined || known.has(one.id)) return []
  known.add(one.id)
  const times = {
    ...(one.created_time && { createdAt: one.created_time }),
    ...(one.updated_time && { updatedAt: one.updated_time }),
  }
  return [
    {
      id: one.id,
      kind: 'folder',
      name: one.name ?? 'Untitled album',
      ...(one.link && { url: one.link }),
      ...times,
      raw,
    },
  ]
}
