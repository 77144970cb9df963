/** What the operator sets: SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET, from the application's page in the dashboard. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ help: 'Client ID of the application at developer.spotify.com/dashboard.' }),
  clientSecret: secret({ help: 'Client secret, on the same page.' }),
}
