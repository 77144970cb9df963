/**
 * Facebook: posts, photos and liked Pages of a person, by the Graph API.
 * Hard limits: 200 calls an hour for each daily user; about 600 posts a year are given out; a sign-in lasts 60 days.
 */
import { defineProvider, hmacHex, readAnswer } from '../../src/provider/index.js'
import { me } from './api.js'
import { oauth2 } from './auth.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { GRAPH } from './graph.js'
import { likes } from './likes.js'
import { photos } from './photos.js'
import { posts } from './posts.js'
import { presets } from './presets.js'
import { settings } from './settings.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'facebook',
  label: 'Facebook',
  description: 'Your posts, your photos and the Pages you like.',
  category: 'personal',
  homepage: 'https://facebook.com',
  icon: 'icon.svg',
  docs: 'https://developers.facebook.com/docs/graph-api',
  presets,
  revision: 1,
  hosts: ['graph.facebook.com'],
  settings,
  auth: [oauth2],
  limits: [{ requests: 200, perMs: 3_600_000, scope: 'connection' }],
  // Proves that a call comes from a holder of the app secret. https://developers.facebook.com/docs/graph-api/guides/secure-requests
  sign: ({ settings, accessToken }) => ({ appsecret_proof: hmacHex(settings.clientSecret, accessToken) }),
  classify,
  account: async (http) =>
    readAnswer(me, await http.get(`${GRAPH}/me`, { query: { fields: 'id,name,picture.type(large)' } })),
  revoke: async (http) => {
    await http.delete(`${GRAPH}/me/permissions`) // All of them: the application leaves the person's list.
  },
  streams: [posts, photos, likes],
  browse,
  webhooks,
})
