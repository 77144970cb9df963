/** The end of a grant: an OAuth App may end its own; a person's own token is theirs to delete. */
import { basicAuthorization, NodeError, reveal, type Revoke } from '../../src/provider/index.js'
import { API, HEADERS } from './github.js'
import type { settings } from './settings.js'

/** https://docs.github.com/rest/apps/oauth-applications#delete-an-app-authorization */
export const revoke: Revoke<typeof settings> = async (http, { settings, fields, tokens }) => {
  if (fields.secrets['token'] !== undefined)
    throw new NodeError('CAPABILITY_MISSING', {
      detail: 'people delete their own token at github.com/settings/tokens',
    })
  await http.delete(`${API}/applications/${encodeURIComponent(settings.clientId)}/grant`, {
    headers: { ...HEADERS, authorization: basicAuthorization(settings) },
    body: { json: { access_token: reveal(tokens.accessToken) } },
  })
}
