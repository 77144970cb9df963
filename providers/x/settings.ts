/** What the operator sets: X_CLIENT_ID and X_CLIENT_SECRET, from the application's keys and tokens. */
import { secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({
    help: 'OAuth 2.0 Client ID, under Keys and tokens of the app, in the developer portal of X.',
  }),
  clientSecret: secret({ help: 'OAuth 2.0 Client Secret, on the same page; shown once.' }),
}
