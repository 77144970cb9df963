/** Two ways to connect: an OAuth App for what is public, or a token of the person's own that names what may be read. */
import type { ApiKey, OAuth2 } from '../../src/provider/index.js'
import type { settings } from './settings.js'

/** https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
export const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: 'https://github.com/login/oauth/authorize',
  token: 'https://github.com/login/oauth/access_token',
  pkce: true,
  refresh: false, // Tokens of OAuth Apps do not end by themselves.
  // Reads what is public. More would be `repo`, which also writes: the person's own token is the better way.
  scopes: {
    'read:user': 'To show which account is connected and copy its stars, follows, issues and activity',
  },
  // Asked for with spaces, answered with commas.
  readToken: ({ scope, ...answer }) => ({
    ...answer,
    ...(typeof scope === 'string' && { scope: scope.replaceAll(',', ' ') }),
  }),
}

/** https://docs.github.com/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens */
export const apiKey: ApiKey = {
  kind: 'api_key',
  fields: {
    token: {
      kind: 'secret',
      label: 'Personal access token',
      help: 'Fine-grained, from Settings > Developer settings at github.com, with read access to Metadata, Issues, Starring and Followers.',
    },
    repositories: {
      kind: 'text',
      label: 'Repositories that report changes',
      help: 'Names such as owner/name, with commas between them. Only used when webhooks are made, which needs write access to Webhooks.',
      optional: true,
      example: 'nadia/boats, nadia/soup',
    },
  },
  key: 'token',
}
