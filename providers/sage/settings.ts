/** What the operator sets, from the application's page at developer.sage.com. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID, under the application at developerselfservice.sageone.com.' }),
  clientSecret: secret({ help: 'Client secret, on the same page.' }),
}
