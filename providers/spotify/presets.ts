/** Ready choices of streams and of how often. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'listening',
    label: 'Listening history',
    description: 'What you listen to, every hour: Spotify keeps the last 50 plays only.',
    streams: ['history'],
    syncFrequency: 'hourly',
  },
  {
    id: 'library',
    label: 'Library',
    description: 'Artists, liked songs and playlists, every day.',
    streams: ['artists', 'liked', 'playlists'],
    syncFrequency: 'daily',
  },
]
