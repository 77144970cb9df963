/**
 * Template: what a provider consists of, with a comment where a choice is made. Copied by `npm run new-provider <id>`.
 * Hard limits: name here what the service never gives out or how little of it an hour allows.
 */
import {
  defineProvider,
  readAnswer,
  revokeToken,
  secret,
  text,
  type OAuth2,
} from '../../src/provider/index.js'
import { me } from './api.js'
import { posts } from './posts.js'

// What the operator sets; the environment's names follow: _TEMPLATE_CLIENT_ID, _TEMPLATE_CLIENT_SECRET.
const settings = {
  clientId: text({ help: 'Where to find it at the service.' }),
  clientSecret: secret({ help: 'Where to find it at the service.' }),
}

const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: 'https://api.template.example/oauth/authorize',
  token: 'https://api.template.example/oauth/token',
  pkce: true, // False only where the service refuses it; README then says so under Known gaps.
  refresh: true, // Whether refresh tokens are issued; fixtures/token.json shows it.
  scopes: {
    profile: 'To show which account is connected', // Read by people before they consent.
    'posts.read': 'To copy your posts',
  },
}

export const provider = defineProvider({
  id: '_template', // The folder's name.
  label: 'Template',
  description: 'What people get, in one sentence.',
  category: 'personal',
  homepage: 'https://template.example', // Without `www.` and without a path.
  icon: 'icon.svg', // Of your own drawing.
  revision: 1, // Raise it when a mapping changes: everything is then read and written again.
  hosts: ['api.template.example'], // Calls to any other host are refused before they are sent.
  settings,
  auth: [oauth2],
  // Leave `classify` out until the service says something else with a status than everybody does.
  account: async (http) => readAnswer(me, await http.get('https://api.template.example/me')),
  // Or, where the service has no such call: { unsupported: 'the reason, as README gives it' }.
  revoke: async (http, { settings, tokens }) =>
    revokeToken(http, 'https://api.template.example/oauth/revoke', tokens, { ...settings, by: 'body' }),
  streams: [posts],
})
