/** Signing in at Xero, and out. https://developer.xero.com/documentation/guides/oauth2/auth-flow */
import { revokeToken, type OAuth2, type Revoke } from '../../src/provider/index.js'
import type { settings as shape } from './settings.js'

export const oauth2: OAuth2<typeof shape> = {
  kind: 'oauth2',
  authorize: 'https://login.xero.com/identity/connect/authorize',
  token: 'https://identity.xero.com/connect/token',
  clientAuth: 'basic',
  refresh: true, // Each refresh token is good once, and ends after 60 days unused.
  refreshLifeMs: 60 * 86_400_000,
  scopes: {
    offline_access: 'To go on copying without asking you each time',
    'accounting.settings.read': 'To copy the chart of accounts',
    'accounting.contacts.read': 'To copy your contacts',
    'accounting.invoices.read': 'To copy invoices and bills',
    'accounting.payments.read': 'To copy payments',
  },
  fields: {
    organisation: {
      kind: 'text',
      label: 'Organisation',
      help: 'Its name in Xero, where you let in several. Empty: the one that you let in last.',
      optional: true,
      example: 'Demo Company (UK)',
    },
  },
}

/** Ends the grant of this person, for every organisation that they let in. */
export const revoke: Revoke<typeof shape> = async (http, { settings, tokens }) => {
  const client = { ...settings, by: 'basic' } as const
  await revokeToken(http, 'https://identity.xero.com/connect/revocation', tokens, client)
}
