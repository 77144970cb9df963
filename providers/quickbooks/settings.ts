/** What the operator sets, from the application's page at developer.intuit.com. */
import { origin, secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID, under Keys & credentials of the application.' }),
  clientSecret: secret({ help: 'Client secret, on the same page.' }),
  apiOrigin: origin('https://quickbooks.api.intuit.com', {
    help: 'For sandbox companies: https://sandbox-quickbooks.api.intuit.com',
  }),
  webhookVerifier: secret({ optional: true, help: 'Verifier token, under Webhooks of the application.' }),
}
