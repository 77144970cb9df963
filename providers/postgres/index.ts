/**
 * Tables or a query of any PostgreSQL database, read by a role of its own over TLS, in transactions that cannot write.
 * Hard limits: 1 MB of a value, 5,000 rows of a page, 60 seconds for a statement.
 */
import { defineProvider, text } from '../../src/provider/index.js'
import { readAccount } from './account.js'
import { browse } from './browse.js'
import { changes } from './changes.js'
import { basic } from './fields.js'
import { presets } from './presets.js'
import { rows } from './rows.js'

export const provider = defineProvider({
  id: 'postgres',
  label: 'PostgreSQL',
  description: 'Rows of tables, or of a query, of any PostgreSQL database.',
  category: 'database',
  homepage: 'https://postgresql.org',
  icon: 'icon.svg',
  docs: 'https://www.postgresql.org/docs/current/sql-select.html',
  presets,
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['field:address'],
  settings: {
    allowPrivateOrigins: text({
      optional: true,
      help: 'Servers on your own network as host:port, separated by blanks: these may be private, or without TLS.',
    }),
  },
  auth: [basic],
  account: readAccount,
  revoke: { unsupported: 'What was entered is forgotten here; the role is ended in the database.' },
  streams: [changes, rows],
  browse,
})
