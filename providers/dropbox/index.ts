/**
 * Dropbox: the list of a person's files and folders.
 * Hard limits: rates are not published; who deleted what is told by path only; 2000 entries a page.
 */
import { defineProvider, readAnswer, secret, text, type OAuth2 } from '../../src/provider/index.js'
import { me } from './api.js'
import { classify } from './classify.js'
import { files } from './files.js'

const settings = {
  clientId: text({ help: 'App key, under Settings of the app at www.dropbox.com/developers/apps.' }),
  clientSecret: secret({ help: 'App secret, on the same page.' }),
}

// https://www.dropbox.com/developers/documentation/http/documentation#authorization
const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: 'https://www.dropbox.com/oauth2/authorize',
  token: 'https://api.dropboxapi.com/oauth2/token',
  authorizeParams: { token_access_type: 'offline' }, // Without it there is no refresh token.
  pkce: true,
  refresh: true, // It does not end by itself, and stays the same.
  scopes: {
    'account_info.read': 'To show which account is connected',
    'files.metadata.read': 'To copy the list of your files and folders',
  },
}

export const provider = defineProvider({
  id: 'dropbox',
  label: 'Dropbox',
  description: 'The list of your files and folders.',
  category: 'storage',
  homepage: 'https://dropbox.com',
  icon: 'icon.svg',
  docs: 'https://www.dropbox.com/developers/documentation/http/documentation',
  revision: 1,
  hosts: ['api.dropboxapi.com'],
  settings,
  auth: [oauth2],
  classify,
  account: async (http) => {
    const url = 'https://api.dropboxapi.com/2/users/get_current_account'
    return readAnswer(me, await http.post(url, {}, { idempotent: true }))
  },
  // Of the token that the call itself carries, with its refresh token and what else came of that.
  revoke: async (http) => {
    await http.post('https://api.dropboxapi.com/2/auth/token/revoke', {})
  },
  streams: [files],
})
