/**
 * X: posts and followed accounts of a person, by the API v2.
 * Hard limits: the latest 3,200 posts; 15 calls in 15 minutes for the followed; every post and account that is read costs
 * the operator's credits.
 */
import { defineProvider, readAnswer, type OAuth2 } from '../../src/provider/index.js'
import { API, me } from './api.js'
import { classify } from './classify.js'
import { following } from './following.js'
import { posts } from './posts.js'
import { presets } from './presets.js'
import { revoke } from './revoke.js'
import { settings } from './settings.js'

const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: 'https://x.com/i/oauth2/authorize',
  token: `${API}/oauth2/token`,
  clientAuth: 'basic',
  refresh: true, // Each refresh token is good once: the node stores the new one before it uses it.
  scopes: {
    'users.read': 'To show which account is connected',
    'tweet.read': 'To copy your posts',
    'follows.read': 'To copy the list of accounts you follow',
    'offline.access': 'To go on when you are away: without it, access ends after two hours',
  },
}

export const provider = defineProvider({
  id: 'x',
  label: 'X',
  description: 'Your posts and the accounts you follow.',
  category: 'personal',
  homepage: 'https://x.com',
  icon: 'icon.svg',
  docs: 'https://docs.x.com/x-api',
  presets,
  minSyncMinutes: 15,
  revision: 1,
  hosts: ['api.x.com'],
  settings,
  auth: [oauth2],
  limits: [{ requests: 900, perMs: 900_000, scope: 'connection' }],
  rateHeaders: { remaining: 'x-rate-limit-remaining', reset: 'x-rate-limit-reset', resetForm: 'epoch-s' },
  classify,
  account: async (http) =>
    readAnswer(me, await http.get(`${API}/users/me`, { query: { 'user.fields': 'profile_image_url' } })),
  revoke,
  streams: [posts, following],
})
