/**
 * Autodesk Construction Cloud: the files of a hub's projects, by Autodesk Platform Services.
 * Hard limits, for the whole application: 50 calls a minute for hubs and projects, 300 for folders; 200 entries a call.
 */
import { defineProvider } from '../../src/provider/index.js'
import { browse } from './browse.js'
import { classify } from './classify.js'
import { hubOf } from './data-management.js'
import { files } from './files.js'
import { settings } from './settings.js'
import { clientCredentials, oauth2, revoke } from './sign-in.js'
import { webhooks } from './webhooks.js'

export const provider = defineProvider({
  id: 'autodesk-construction-cloud',
  label: 'Autodesk Construction Cloud',
  description: 'The list of files of your construction projects, with their versions.',
  category: 'storage',
  homepage: 'https://construction.autodesk.com',
  icon: 'icon.svg',
  regions: ['US', 'EU', 'AU', 'GB', 'JP', 'DE', 'CA', 'IN'],
  docs: 'https://aps.autodesk.com/en/docs/data/v2/developers_guide/overview/',
  presets: [
    { id: 'file-sync', label: 'File sync', description: 'All files, every hour.', syncFrequency: 'hourly' },
    { id: 'daily', label: 'Once a day', description: 'All files, once a day.', syncFrequency: 'daily' },
  ],
  minSyncMinutes: 5,
  revision: 2,
  hosts: ['developer.api.autodesk.com'],
  settings,
  auth: [oauth2, clientCredentials],
  limits: [
    { requests: 50, perMs: 60_000, scope: 'app', pathPrefix: '/project/v1/' },
    { requests: 300, perMs: 60_000, scope: 'app', pathPrefix: '/data/v1/' },
  ],
  classify,
  async account(http, context) {
    const { id, attributes } = await hubOf(http, context)
    return { id, name: attributes.name }
  },
  revoke,
  streams: [files],
  browse,
  webhooks,
})
