/**
 * Any interface that answers lists in JSON: where it is, how it is signed in to, and where in its answers the items, their
 * ids and the next page are, all told by the person who connects it.
 * Hard limits: 5 calls a second; each run reads the whole list.
 */
import { defineProvider, text } from '../../src/provider/index.js'
import { readAccount } from './account.js'
import { custom } from './auth.js'
import { presets } from './presets.js'
import { rows } from './rows.js'

export const provider = defineProvider({
  id: 'rest',
  label: 'REST interface',
  description: 'The items of any interface that answers lists in JSON.',
  category: 'database',
  // There is no one service behind it: the home of the protocol.
  homepage: 'https://httpwg.org',
  icon: 'icon.svg',
  docs: 'https://www.rfc-editor.org/rfc/rfc6901',
  presets,
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['field:url'],
  settings: {
    allowPrivateOrigins: text({
      optional: true,
      help: 'Origins on your own network, separated by blanks: these may be private or plain http.',
    }),
  },
  auth: [custom],
  limits: [{ requests: 5, perMs: 1_000, scope: 'connection' }],
  account: readAccount,
  revoke: { unsupported: 'What was entered is forgotten here; a key is ended at the service that gave it.' },
  streams: [rows],
})
