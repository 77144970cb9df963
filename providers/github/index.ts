/**
 * GitHub: stars, followed people, issues and pull requests, activity, by the REST API.
 * Hard limits: 5,000 calls an hour for each person, over all their applications; activity of 30 days and 300 events; a
 * sign-in reads what is public only, a token of the person's own what it names.
 */
import { defineProvider, readAnswer } from '../../src/provider/index.js'
import { me } from './api.js'
import { apiKey, oauth2 } from './auth.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { events } from './events.js'
import { following } from './following.js'
import { API, HEADERS } from './github.js'
import { issues } from './issues.js'
import { presets } from './presets.js'
import { revoke } from './revoke.js'
import { settings } from './settings.js'
import { starred } from './starred.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'github',
  label: 'GitHub',
  description:
    'Repositories you starred, people you follow, your issues and pull requests, and what you did.',
  category: 'personal',
  homepage: 'https://github.com',
  icon: 'icon.svg',
  docs: 'https://docs.github.com/rest',
  presets,
  revision: 1,
  hosts: ['api.github.com'],
  settings,
  auth: [oauth2, apiKey],
  // The second is one of the secondary limits: of calls that read, 900 a minute.
  limits: [
    { requests: 5_000, perMs: 3_600_000, scope: 'connection' },
    { requests: 900, perMs: 60_000, scope: 'connection' },
  ],
  rateHeaders: { remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset', resetForm: 'epoch-s' },
  classify,
  account: async (http) => readAnswer(me, await http.get(`${API}/user`, { headers: HEADERS })),
  revoke,
  streams: [starred, following, issues, events],
  browse,
  webhooks,
})
