/** What the operator sets, from the application's page at developer.xero.com. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client id, under Configuration of the application.' }),
  clientSecret: secret({ help: 'Client secret 1, on the same page.' }),
  webhookKey: secret({ optional: true, help: 'Webhooks key, under Webhooks of the application.' }),
}
