/** What the operator sets, from the application's page at HubSpot. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID, under Auth of the application.' }),
  clientSecret: secret({ help: 'Client secret, on the same page; deliveries are signed with it too.' }),
}
