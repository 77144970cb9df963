/** How an account of Google is connected, named and disconnected: the same for all of its APIs. */
import {
  readAnswer,
  revokeToken,
  z,
  type Account,
  type OAuth2,
  type ProviderHttp,
  type Tokens,
} from '../../src/provider/index.js'
import type { settings } from './settings.js'

/** Of this folder's calls, beside the APIs' own. */
export const IDENTITY_HOST = 'openidconnect.googleapis.com'
export const OAUTH_HOST = 'oauth2.googleapis.com'
export const TOKEN_ADDRESS = `https://${OAUTH_HOST}/token`

/** https://developers.google.com/identity/protocols/oauth2/web-server */
export const googleOAuth2 = (scopes: OAuth2['scopes']): OAuth2<typeof settings> => ({
  kind: 'oauth2',
  authorize: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: TOKEN_ADDRESS,
  pkce: true,
  refresh: true,
  authorizeParams: {
    // A refresh token comes with `offline` only, and from the second consent on with `consent` only.
    access_type: 'offline',
    prompt: 'consent',
    // What was granted for other streams before stays granted.
    include_granted_scopes: 'true',
  },
  scopes,
  // Answers name scopes as they are asked for: a box that a person left empty is not among them.
  scopeGrants: {},
})

/** OpenID Connect's claims. https://developers.google.com/identity/openid-connect/openid-connect#obtaininguserprofileinformation */
const userInfo = z.object({
  sub: z.string().min(1),
  name: z.string().optional(),
  email: z.string().optional(),
  picture: z.url().optional(),
})

/** `sub` never changes; addresses do. */
export async function googleAccount(http: ProviderHttp): Promise<Account> {
  const { sub, name, email, picture } = readAnswer(
    userInfo,
    await http.get(`https://${IDENTITY_HOST}/v1/userinfo`),
  )
  return {
    id: sub,
    name: name ?? email ?? sub,
    ...(email !== undefined && { username: email }),
    ...(picture !== undefined && { avatarUrl: picture }),
  }
}

/** Either token ends the whole grant, for all scopes. https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke */
export async function revokeGoogle(
  http: ProviderHttp,
  { tokens }: { readonly tokens: Tokens },
): Promise<void> {
  await revokeToken(http, `https://${OAUTH_HOST}/revoke`, tokens)
}
