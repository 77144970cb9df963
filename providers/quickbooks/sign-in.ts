/** Signing in at Intuit, and out. https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0 */
import { basicAuthorization, reveal, type OAuth2, type Revoke } from '../../src/provider/index.js'
import type { settings as shape } from './settings.js'

export const oauth2: OAuth2<typeof shape> = {
  kind: 'oauth2',
  authorize: 'https://appcenter.intuit.com/connect/oauth2',
  token: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  clientAuth: 'basic',
  pkce: false,
  refresh: true,
  refreshLifeMs: 100 * 86_400_000,
  scopes: { 'com.intuit.quickbooks.accounting': 'To copy the books of your company' },
  fields: { realmId: { kind: 'told', from: 'callback', name: 'realmId' } },
}

/** The refresh token ends the whole grant; the client authenticates as at the token endpoint. */
export const revoke: Revoke<typeof shape> = async (http, { settings, tokens }) => {
  const token = reveal(tokens.refreshToken ?? tokens.accessToken)
  const url = 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke'
  await http.post(url, { json: { token } }, { headers: { authorization: basicAuthorization(settings) } })
}
