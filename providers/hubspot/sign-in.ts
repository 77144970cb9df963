/** Signing in at HubSpot, and out. https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens */
import { reveal, type ApiKey, type OAuth2, type Revoke } from '../../src/provider/index.js'
import { API, VERSION } from './crm.js'
import type { settings as shape } from './settings.js'

export const oauth2: OAuth2<typeof shape> = {
  kind: 'oauth2',
  authorize: 'https://app.hubspot.com/oauth/authorize',
  token: `${API}/oauth/${VERSION}/token`,
  // Only the token endpoint is documented to take a verifier.
  pkce: false,
  refresh: true,
  scopes: {
    oauth: 'To know which HubSpot account this is',
    'crm.objects.contacts.read': 'To copy contacts, and to show the notes on them',
    'crm.objects.companies.read': 'To copy companies',
    'crm.objects.deals.read': 'To copy deals',
  },
}

export const apiKey: ApiKey = {
  kind: 'api_key',
  key: 'accessToken',
  fields: {
    accessToken: {
      kind: 'secret',
      label: 'Access token',
      help: 'Of a private app, or a service key, with the scopes crm.objects.contacts.read, crm.objects.companies.read and crm.objects.deals.read.',
    },
  },
}

/** Ends the refresh token; the access token ends by itself half an hour after it was made. */
export const revoke: Revoke<typeof shape> = async (http, { settings, tokens }) => {
  // A key of a private app is ended by the people who made it.
  if (tokens.refreshToken === undefined) return
  const form = {
    client_id: settings.clientId,
    client_secret: reveal(settings.clientSecret),
    token: reveal(tokens.refreshToken),
    token_type_hint: 'refresh_token',
  }
  await http.post(`${API}/oauth/${VERSION}/token/revoke`, { form })
}
