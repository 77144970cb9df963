/** Forms of lists that many interfaces have, and some interfaces as a whole. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'json-api',
    label: 'JSON:API',
    description:
      'Items under data, the next page under links. https://jsonapi.org/format/#fetching-pagination',
    fields: { items: '/data', id: '/id', paging: 'link', next: '/links/next' },
  },
  {
    id: 'odata',
    label: 'OData',
    description:
      'Items under value, the next page in @odata.nextLink. https://docs.oasis-open.org/odata/odata-json-format/v4.01/',
    fields: { items: '/value', id: '/id', paging: 'link', next: '/@odata.nextLink' },
  },
  {
    id: 'link-header',
    label: 'Bare list with a Link header',
    description: 'The answer is the list, the next page in a header. https://www.rfc-editor.org/rfc/rfc8288',
    fields: { items: '', id: '/id', paging: 'header' },
  },
  {
    id: 'cursor',
    label: 'Cursor',
    description: 'Items under data, and a cursor that is sent back.',
    fields: { items: '/data', id: '/id', paging: 'cursor', next: '/next_cursor', parameter: 'cursor' },
  },
  {
    id: 'pages',
    label: 'Numbered pages',
    description: 'Items under data; pages are numbered from 1 on.',
    fields: { items: '/data', id: '/id', paging: 'page', parameter: 'page' },
  },
  {
    id: 'gitlab-issues',
    label: 'GitLab: issues',
    description:
      'All issues that a token with read_api sees, every hour. https://docs.gitlab.com/api/issues/#list-issues',
    syncFrequency: 'hourly',
    fields: {
      url: 'https://gitlab.com',
      path: '/api/v4/issues?scope=all&per_page=100&order_by=created_at&sort=asc',
      collection: 'issues',
      method: 'bearer',
      items: '',
      id: '/id',
      title: '/title',
      created: '/created_at',
      changed: '/updated_at',
      paging: 'header',
    },
  },
  {
    id: 'airtable-table',
    label: 'Airtable: a table',
    description:
      'The records of one table, by a token with data.records:read: put its base and table into the path. https://airtable.com/developers/web/api/list-records',
    syncFrequency: 'hourly',
    fields: {
      url: 'https://api.airtable.com',
      path: '/v0/YOUR_BASE/YOUR_TABLE',
      collection: 'records',
      method: 'bearer',
      items: '/records',
      id: '/id',
      created: '/createdTime',
      paging: 'cursor',
      next: '/offset',
      parameter: 'offset',
    },
  },
  {
    id: 'asana-tasks',
    label: 'Asana: tasks of a project',
    description:
      'The tasks of one project, by a personal access token: put its number into the path. https://developers.asana.com/docs/pagination',
    syncFrequency: 'hourly',
    fields: {
      url: 'https://app.asana.com',
      path: '/api/1.0/tasks?project=YOUR_PROJECT&limit=100&opt_fields=name,notes,completed,due_on,created_at,modified_at',
      collection: 'tasks',
      method: 'bearer',
      items: '/data',
      id: '/gid',
      title: '/name',
      created: '/created_at',
      changed: '/modified_at',
      paging: 'link',
      next: '/next_page/uri',
    },
  },
]
