/** The application in Square's Developer Console. */
import { origin, secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Application ID: Developer Console > the application > OAuth.' }),
  clientSecret: secret({ help: 'Application secret, on the same page.' }),
  webhookKey: secret({
    optional: true,
    help: 'Signature key of the webhook subscription: Developer Console > the application > Webhooks > Subscriptions.',
  }),
  apiOrigin: origin('https://connect.squareup.com', {
    help: 'https://connect.squareupsandbox.com for the sandbox.',
  }),
}
