/** Ready choices of streams and of how often. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'bookmarks',
    label: 'Stars and follows',
    description: 'Repositories you starred and people you follow, every day.',
    streams: ['starred', 'following'],
    syncFrequency: 'daily',
  },
  {
    id: 'work',
    label: 'Issues and activity',
    description: 'Issues and pull requests of yours, and what you did, every hour.',
    streams: ['issues', 'events'],
    syncFrequency: 'hourly',
  },
]
