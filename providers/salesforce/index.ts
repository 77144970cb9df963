/**
 * Salesforce: accounts, contacts and opportunities of one organisation.
 * Hard limits: calls in 24 hours, 15,000 in the smallest edition that has the API; 2,000 records a call.
 */
import { defineProvider, NodeError } from '../../src/provider/index.js'
import { accounts } from './accounts.js'
import { organization } from './api.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { contacts } from './contacts.js'
import { opportunities } from './opportunities.js'
import { settings } from './settings.js'
import { oauth2, revoke } from './sign-in.js'
import { query } from './soql.js'

export const provider = defineProvider({
  id: 'salesforce',
  label: 'Salesforce',
  description: 'Accounts, contacts and opportunities of your Salesforce organisation.',
  category: 'crm',
  homepage: 'https://salesforce.com',
  icon: 'icon.svg',
  regions: ['global'],
  docs: 'https://developer.salesforce.com/docs/platform/api-rest/guide/intro-rest.html',
  presets: [
    {
      id: 'people',
      label: 'People',
      description: 'Accounts and contacts.',
      streams: ['accounts', 'contacts'],
    },
    {
      id: 'sandbox',
      label: 'Sandbox',
      description: 'All of a sandbox, once a day.',
      syncFrequency: 'daily',
      fields: { environment: 'sandbox' },
    },
  ],
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['login.salesforce.com', 'test.salesforce.com', 'field:domain', 'field:instanceUrl'],
  settings,
  auth: [oauth2],
  limits: [{ requests: 15_000, perMs: 86_400_000, scope: 'connection' }],
  classify,
  async account(http, context) {
    const { records } = await query(http, 'SELECT Id, Name FROM Organization', context)
    const read = organization.safeParse(records[0]).data
    if (read === undefined) throw new NodeError('PROVIDER_CHANGED', { detail: 'no organisation is named' })
    return { id: read.Id, name: read.Name }
  },
  revoke,
  streams: [accounts, contacts, opportunities],
  browse,
})
