/** What the operator sets, from the application's page at Autodesk Platform Services. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID of the application, under Client Credentials.' }),
  clientSecret: secret({ help: 'Client secret, on the same page.' }),
}
