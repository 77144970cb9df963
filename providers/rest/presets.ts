/** Forms of lists that many interfaces have. */
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
]
