/** What the operator sets: FACEBOOK_CLIENT_ID and FACEBOOK_CLIENT_SECRET, from the application's basic settings. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'App ID, under App settings > Basic at developers.facebook.com.' }),
  clientSecret: secret({ help: 'App secret, on the same page.' }),
}
