/** The end of a grant: each token ends alone. https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token */
import { basicAuthorization, reveal, type Revoke } from '../../src/provider/index.js'
import { API } from './api.js'
import type { settings } from './settings.js'

/** The refresh token first, so that nothing new can come of it. */
export const revoke: Revoke<typeof settings> = async (
  http,
  { settings: client, tokens: { refreshToken, accessToken } },
) => {
  const headers = { authorization: basicAuthorization(client) }
  for (const token of [refreshToken, accessToken].filter((one) => one !== undefined))
    await http.post(`${API}/oauth2/revoke`, { form: { token: reveal(token) } }, { headers })
}
