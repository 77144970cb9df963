/** What records say of a song. */
import type { Entry, Track } from './api.js'

export const linkOf = ({ id, external_urls: links }: Pick<Track, 'id' | 'external_urls'>): string =>
  links?.spotify ?? `https://open.spotify.com/track/${id}`

export const artistsOf = ({ artists }: Pick<Track | Entry, 'artists'>): string | undefined =>
  artists?.map(({ name }) => name).join(', ')

/** In whole seconds: the schemas name no unit. */
export const secondsOf = ({ duration_ms: ms }: Pick<Track | Entry, 'duration_ms'>): number | undefined =>
  typeof ms === 'number' ? Math.round(ms / 1_000) : undefined
