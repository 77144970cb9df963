/** What the operator sets: GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, from the OAuth App's page. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID, under Settings > Developer settings > OAuth Apps at github.com.' }),
  clientSecret: secret({ help: 'Client secret, on the same page.' }),
}
