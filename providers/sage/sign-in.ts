/** OAuth 2 at Sage, and which business is read. */
import type { OAuth2 } from '../../src/provider/index.js'
import type { settings } from './settings.js'

export const oauth2: OAuth2<typeof settings> = {
  kind: 'oauth2',
  authorize: 'https://www.sageone.com/oauth2/auth/central',
  authorizeParams: { filter: 'apiv3.1' },
  token: 'https://oauth.accounting.sage.com/token',
  refresh: true, // Each refresh token is good once, and ends after 31 days.
  refreshLifeMs: 31 * 86_400_000,
  scopes: { readonly: 'To copy your books, and change nothing in them' },
  fields: {
    business: {
      kind: 'text',
      label: 'Business',
      help: 'Its name in Sage, where you have several. Empty: the first of them.',
      optional: true,
      example: 'Business One',
    },
  },
}
