/** Ready choices: what of a Google account is copied, and how often. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'calendar',
    label: 'Calendar',
    description: 'Calendars and events, every hour.',
    streams: ['calendars', 'events'],
    syncFrequency: 'hourly',
  },
  {
    id: 'files-and-mail',
    label: 'Files and mail',
    description: 'Files and emails, every hour.',
    streams: ['files', 'emails'],
    syncFrequency: 'hourly',
  },
  {
    id: 'youtube',
    label: 'YouTube',
    description: 'Subscriptions and likes, once a day: a project has 10,000 units a day for everybody.',
    streams: ['subscriptions', 'likes'],
    syncFrequency: 'daily',
  },
]
