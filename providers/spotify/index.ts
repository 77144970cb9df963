/**
 * Spotify: followed artists, liked songs, recently played, playlists, by the Web API.
 * Hard limits: the last 50 plays and none before; a sign-in lasts six months; in development mode five people, whose
 * owner has Premium, and no songs of other people's playlists.
 */
import { defineProvider, readAnswer, type OAuth2 } from '../../src/provider/index.js'
import { me } from './api.js'
import { artists } from './artists.js'
import { browse } from './browse.js'
import { history } from './history.js'
import { liked } from './liked.js'
import { playlists } from './playlists.js'
import { presets } from './presets.js'
import { settings } from './settings.js'
import { API } from './spotify.js'

const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: 'https://accounts.spotify.com/authorize',
  token: 'https://accounts.spotify.com/api/token',
  clientAuth: 'basic',
  refresh: true, // An answer may come without a new refresh token: the old one stays good then.
  scopes: {
    'user-follow-read': 'To copy the list of artists you follow',
    'user-library-read': 'To copy the songs you like',
    'user-read-recently-played': 'To copy what you have listened to',
    'playlist-read-private': 'To copy your playlists, private ones too',
    'playlist-read-collaborative': 'To copy playlists that you make with others',
  },
}

export const provider = defineProvider({
  id: 'spotify',
  label: 'Spotify',
  description: 'Artists you follow, songs you like, what you listened to, and your playlists.',
  category: 'personal',
  homepage: 'https://spotify.com',
  icon: 'icon.svg',
  docs: 'https://developer.spotify.com/documentation/web-api',
  presets,
  revision: 1,
  hosts: ['api.spotify.com'],
  settings,
  auth: [oauth2],
  // Spotify counts all accounts of an application together, over 30 seconds, and does not say how many: ours to choose.
  limits: [{ requests: 90, perMs: 30_000, scope: 'app' }],
  account: async (http) => readAnswer(me, await http.get(`${API}/me`)),
  revoke: {
    unsupported:
      'Spotify has no call that ends a grant: people remove the application at spotify.com/account/apps.',
  },
  streams: [artists, liked, history, playlists],
  browse,
})
