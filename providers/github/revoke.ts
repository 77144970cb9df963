/** The end of a grant: an OAuth App may end its own; a person's own token is theirs to delete. */
import { NodeError, reveal, type ProviderFacts } from '../../src/provider/index.js'
import { API, HEADERS } from './github.js'
import type { settings } from './settings.js'

type Revoke = Extract<ProviderFacts<typeof settings>['revoke'], (...given: never[]) => unknown>

/** https://docs.github.com/rest/apps/oauth-applications#delete-an-app-authorization */
export const revoke: Revoke = async (http, { settings: { clientId, clientSecret }, fields, tokens }) => {
  if (fields.secrets['token'] !== undefined)
    throw new NodeError('CAPABILITY_MISSING', {
      detail: 'people delete their own token at github.com/settings/tokens',
    })
  const client = Buffer.from(`${clientId}:${reveal(clientSecret)}`, 'utf8').toString('base64')
  await http.delete(`${API}/applications/${encodeURIComponent(clientId)}/grant`, {
    headers: { ...HEADERS, authorization: `Basic ${client}` },
    body: { json: { access_token: reveal(tokens.accessToken) } },
  })
}
