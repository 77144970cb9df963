/** What the operator sets, from the external client application at Salesforce. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Consumer key, under Settings, OAuth Settings of the external client app.' }),
  clientSecret: secret({ help: 'Consumer secret, on the same page.' }),
}
