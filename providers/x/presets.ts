/** Ready choices of streams and of how often: every account and post that is read costs the operator's credits. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'posts',
    label: 'Posts',
    description: 'Your own posts, every hour. Only new ones cost credits.',
    streams: ['posts'],
    syncFrequency: 'hourly',
  },
  {
    id: 'following',
    label: 'Followed accounts',
    description: 'Who you follow, every week. Each run reads, and pays for, the whole list.',
    streams: ['following'],
    syncFrequency: 'weekly',
  },
]
