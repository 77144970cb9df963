/** Signing in at Square, and out. https://developer.squareup.com/docs/oauth-api/overview */
import { reveal, type OAuth2, type Revoke } from '../../src/provider/index.js'
import { HEADERS } from './lists.js'
import type { settings as shape } from './settings.js'

export const oauth2: OAuth2<typeof shape> = {
  kind: 'oauth2',
  authorize: ({ apiOrigin }) => `${apiOrigin}/oauth2/authorize`,
  token: ({ apiOrigin }) => `${apiOrigin}/oauth2/token`,
  // An owner of several accounts must choose one. https://developer.squareup.com/reference/square/o-auth/authorize
  authorizeParams: { session: 'false' },
  scopes: {
    MERCHANT_PROFILE_READ: 'Read the name and the locations of your business.',
    ORDERS_READ: 'Read orders, to copy them.',
    ITEMS_READ: 'Read the items that you sell, to copy them.',
    CUSTOMERS_READ: 'Read customers, to copy them.',
    PAYMENTS_READ: 'Read payments, to copy them.',
  },
  pkce: false,
  refresh: true,
  // The end is told as a time. https://developer.squareup.com/reference/square/objects/ObtainTokenResponse
  readToken({ expires_at: end, ...answer }, nowMs) {
    const seconds = typeof end === 'string' ? Math.floor((Date.parse(end) - nowMs) / 1_000) : Number.NaN
    return Number.isNaN(seconds) ? answer : { ...answer, expires_in: Math.max(1, seconds) }
  },
}

/** Ends the whole grant; the client authenticates in a way of its own. https://developer.squareup.com/reference/square/o-auth/revoke-token */
export const revoke: Revoke<typeof shape> = async (http, { settings, tokens }) => {
  const json = { client_id: settings.clientId, access_token: reveal(tokens.accessToken) }
  const authorization = `Client ${reveal(settings.clientSecret)}`
  await http.post(`${settings.apiOrigin}/oauth2/revoke`, { json }, { headers: { ...HEADERS, authorization } })
}
