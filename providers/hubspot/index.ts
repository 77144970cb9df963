/**
 * HubSpot: contacts, companies and deals of one account.
 * Hard limits: 5 searches a second and 100 calls in 10 seconds; a search ends after 10,000 results; what was archived is told for 90 days.
 */
import { defineProvider, readAnswer } from '../../src/provider/index.js'
import { accountAnswer } from './api.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { companies } from './companies.js'
import { contacts } from './contacts.js'
import { API, VERSION } from './crm.js'
import { deals } from './deals.js'
import { settings } from './settings.js'
import { apiKey, oauth2, revoke } from './sign-in.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'hubspot',
  label: 'HubSpot',
  description: 'Contacts, companies and deals of your HubSpot account.',
  category: 'crm',
  homepage: 'https://hubspot.com',
  icon: 'icon.svg',
  regions: ['global'],
  docs: 'https://developers.hubspot.com/docs/api-reference/latest/overview',
  presets: [
    {
      id: 'people',
      label: 'People',
      description: 'Contacts and the companies they belong to.',
      streams: ['contacts', 'companies'],
    },
    {
      id: 'sales',
      label: 'Sales',
      description: 'Companies and deals, every hour.',
      streams: ['companies', 'deals'],
      syncFrequency: 'hourly',
    },
  ],
  minSyncMinutes: 5,
  revision: 1,
  hosts: ['api.hubapi.com'],
  settings,
  auth: [oauth2, apiKey],
  limits: [
    { requests: 100, perMs: 10_000, scope: 'connection' },
    { requests: 5, perMs: 1_000, scope: 'connection', pathPrefix: `/crm/objects/${VERSION}/` },
  ],
  classify,
  async account(http) {
    const answer = await http.get(`${API}/account-info/${VERSION}/details`)
    const { portalId } = readAnswer(accountAnswer, answer)
    return { id: portalId, name: `HubSpot account ${portalId}` }
  },
  revoke,
  streams: [contacts, companies, deals],
  browse,
  webhooks,
})
