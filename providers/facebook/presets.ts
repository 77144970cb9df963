/** Ready choices of streams and of how often. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'posts',
    label: 'Posts and likes',
    description: 'Your posts and the Pages you like, every day.',
    streams: ['posts', 'likes'],
    syncFrequency: 'daily',
  },
  {
    id: 'photos',
    label: 'Photos',
    description: 'The list of photos you uploaded, every week. Each run reads all of it.',
    streams: ['photos'],
    syncFrequency: 'weekly',
  },
]
