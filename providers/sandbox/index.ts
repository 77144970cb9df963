/**
 * The sandbox service: a practice account on this machine, and the provider to read first when you write one.
 * Hard limits: none; the service is slow only when asked to be.
 */
import { defineProvider, readAnswer, revokeToken, type OAuth2 } from '../../src/provider/index.js'
import { me } from './api.js'
import { browse } from './browse.js'
import { calendars } from './calendars.js'
import { events } from './events.js'
import { files } from './files.js'
import { followings } from './followings.js'
import { posts } from './posts.js'
import { settings } from './settings.js'
import { webhooks } from './webhooks.js'

const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: ({ origin }) => `${origin}/oauth/authorize`,
  token: ({ origin }) => `${origin}/oauth/token`,
  issuer: ({ origin }) => origin,
  pkce: true,
  refresh: true, // Each refresh token is good once: the node stores the new one before it uses it.
  scopes: {
    profile: 'To show which account is connected',
    posts: 'To copy your posts',
    followings: 'To copy the list of those you follow',
    files: 'To copy the list of your files',
    calendar: 'To copy your calendars and their events',
  },
}

export const provider = defineProvider({
  id: 'sandbox',
  label: 'Sandbox',
  description: 'A practice account with made-up people, posts, files and calendars.',
  category: 'development',
  homepage: 'https://sandbox.example',
  icon: 'icon.svg',
  revision: 1, // Raise it when a mapping changes: everything is then read and written again.
  hosts: ['setting:origin'], // Calls to any other host are refused before they are sent.
  settings,
  auth: [oauth2],
  // 410 means that a cursor is too old. Other statuses mean what they always mean, so they are not named here.
  classify: ({ status }) => (status === 410 ? { code: 'CURSOR_EXPIRED' } : undefined),
  account: async (http, { settings }) => readAnswer(me, await http.get(`${settings.origin}/api/me`)),
  revoke: async (http, { settings, tokens }) =>
    revokeToken(http, `${settings.origin}/oauth/revoke`, tokens, { ...settings, by: 'body' }),
  webhooks,
  streams: [posts, followings, files, calendars, events],
  browse,
})
