/** What the operator sets, from which the environment's names follow: SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET, SANDBOX_ORIGIN. */
import { origin, secret, text } from '../../src/provider/index.js'

export const settings = {
  clientId: text({ fallback: 'connector-node', help: 'Fixed: the service knows one application.' }),
  // Never a plain string: it prints as hidden, and only `reveal` gives it out.
  clientSecret: secret({ help: 'Made by the service when it first starts.' }),
  origin: origin('http://127.0.0.1:5029', { help: 'Where the service listens.' }),
}
