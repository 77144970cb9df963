/** Live reads: playlists as containers, their songs as items; without a container, the liked songs. */
import { NodeError, type Browse, type BrowsedItem, type BrowsePage, z } from '../../src/provider/index.js'
import { liked, playlist, row } from './api.js'
import { MOST, readList, type Listed } from './spotify.js'
import type { settings } from './settings.js'

const place = z.number().int().nonnegative()

export const browse: Browse<typeof settings> = {
  containerKinds: ['list'],
  itemKinds: ['track'],
  filters: ['container'],

  async containers(http, { cursor, limit, parentId }) {
    if (parentId !== undefined) return { data: [] }
    const page = await readList(http, '/me/playlists', asked(cursor, limit))
    return onward(
      page,
      page.items.flatMap((raw) => {
        const read = playlist.safeParse(raw).data
        if (read === undefined) return []
        const url = read.external_urls?.spotify
        return [{ id: read.id, kind: 'list', name: read.name, ...(url && { url }), raw }]
      }),
    )
  },

  async items(http, { cursor, limit, containerId }) {
    const path = containerId === undefined ? '/me/tracks' : `/playlists/${playlistId(containerId)}/items`
    const page = await readList(http, path, asked(cursor, limit))
    return onward(
      page,
      page.items.flatMap((raw) => browsed(raw, containerId)),
    )
  },
}

function asked(cursor: unknown, limit: number): { readonly limit: number; readonly offset: number } {
  return { limit: Math.min(limit, MOST), offset: offsetOf(cursor) }
}

/** @throws NodeError REQUEST_INVALID */
function offsetOf(cursor: unknown): number {
  const read = place.safeParse(cursor ?? 0)
  if (read.success) return read.data
  throw new NodeError('REQUEST_INVALID', { detail: 'not a cursor of this list' })
}

function onward<T>({ next }: Listed, data: readonly T[]): BrowsePage<T> {
  return next === null ? { data } : { data, cursor: next }
}

/** It becomes part of an address. */
function playlistId(text: string): string {
  if (/^[A-Za-z0-9]{1,64}$/.test(text)) return text
  throw new NodeError('REQUEST_INVALID', { detail: 'containerId is not the id of a playlist' })
}

function browsed(raw: unknown, containerId: string | undefined): readonly BrowsedItem[] {
  const saved = liked.safeParse(raw).data
  const listed = row.safeParse(raw).data
  const entry = containerId === undefined ? saved?.track : listed?.entry
  if (entry === undefined || entry === null) return []
  const createdAt = containerId === undefined ? saved?.added_at : listed?.addedAt
  const url = entry.external_urls?.spotify
  return [
    {
      id: entry.id ?? String(entry['uri']),
      kind: 'track',
      name: entry.name,
      ...(containerId !== undefined && { containerId }),
      ...(url && { url }),
      ...(createdAt !== undefined && { createdAt }),
      raw,
    },
  ]
}
