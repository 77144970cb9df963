/**
 * Facebook: posts and liked Pages of a person, by the Graph API.
 * Hard limits: 200 calls an hour for each daily user; about 600 posts a year are given out; a sign-in lasts 60 days.
 */
import { defineProvider, hmacHex, readAnswer, type OAuth2 } from '../../src/provider/index.js'
import { me } from './api.js'
import { classify } from './classify.js'
import { GRAPH, VERSION } from './graph.js'
import { likes } from './likes.js'
import { posts } from './posts.js'
import { settings } from './settings.js'

const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  strategy: 'facebook', // Its refusals come in a form of their own, which passport-facebook reads.
  authorize: `https://www.facebook.com/${VERSION}/dialog/oauth`,
  token: `${GRAPH}/oauth/access_token`,
  scopeJoin: ',',
  pkce: false,
  refresh: false,
  scopes: {
    public_profile: 'To show which account is connected',
    user_likes: 'To copy the list of Pages you like',
    user_posts: 'To copy your posts',
  },
  // The first token lasts an hour or two, the exchanged one about 60 days.
  exchange: ({ clientId, clientSecret }, accessToken) => ({
    grant_type: 'fb_exchange_token',
    client_id: clientId,
    client_secret: clientSecret,
    fb_exchange_token: accessToken,
  }),
}

export const provider = defineProvider({
  id: 'facebook',
  label: 'Facebook',
  description: 'Your posts and the Pages you like.',
  category: 'personal',
  homepage: 'https://facebook.com',
  icon: 'icon.svg',
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
  streams: [posts, likes],
})
