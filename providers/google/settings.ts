/** What the operator sets: one OAuth client of a Google Cloud project; each provider of the family reads its own names. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID, under Google Auth Platform, Clients, in the console of Google Cloud.' }),
  clientSecret: secret({ help: 'Client secret, on the same page; shown once, when it is made.' }),
}
