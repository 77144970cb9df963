/** What the operator sets: FACEBOOK_CLIENT_ID and FACEBOOK_CLIENT_SECRET, from the application's basic settings, and a word of their own. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'App ID, under App settings > Basic at developers.facebook.com.' }),
  clientSecret: secret({ help: 'App secret, on the same page.' }),
  verifyToken: secret({
    help: 'For webhooks: any long random text, entered as the verify token under Webhooks at developers.facebook.com.',
    optional: true,
  }),
}
