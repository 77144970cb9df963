/** Live reads: pipelines as lists of deals, contacts and companies beside them, and the notes on each. */
import {
  readAnswer,
  z,
  type Browse,
  type BrowsedItem,
  type BrowsePage,
  type Comment,
  type CommentQuery,
  type ItemQuery,
  type Json,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { note, pipeline, pipelines, record } from './api.js'
import { API, recordPage, search, VERSION, type CrmObject } from './crm.js'
import { plainText } from './plain-text.js'
import type { settings } from './settings.js'

interface Kind extends CrmObject {
  readonly type: string
  readonly names: readonly string[]
}
const KINDS: Readonly<Record<string, Kind>> = {
  contact: kind('contacts', '0-1', ['firstname', 'lastname'], ['email']),
  company: kind('companies', '0-2', ['name'], ['domain']),
  deal: kind('deals', '0-3', ['dealname'], ['pipeline', 'dealstage']),
}

function kind(path: string, type: string, names: readonly string[], further: readonly string[]): Kind {
  const changed = path === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
  return { path, type, names, changed, properties: [...names, ...further, changed] }
}

/** Kinds are read one after the other. */
const place = z.object({ kind: z.enum(['contact', 'company', 'deal']), after: z.string().nullable() })

export const browse: Browse<typeof settings> = {
  containerKinds: ['list'],
  itemKinds: Object.keys(KINDS),
  filters: ['container', 'kind', 'search', 'time'],

  async containers(http, { cursor, limit, parentId }) {
    if (parentId !== undefined) return { data: [] }
    const answer = await http.get(`${API}/crm/pipelines/${VERSION}/deals`)
    const from = z.int().catch(0).parse(cursor)
    const { results } = readAnswer(pipelines, answer)
    const data = results.slice(from, from + limit).flatMap((raw) => {
      const read = pipeline.safeParse(raw).data
      if (read === undefined) return []
      const { id, label: name, createdAt, updatedAt } = read
      return [
        { id, kind: 'list', name, ...(createdAt && { createdAt }), ...(updatedAt && { updatedAt }), raw },
      ]
    })
    return from + limit < results.length ? { data, cursor: from + limit } : { data }
  },

  async items(http, query, { account }) {
    const wanted = kindsOf(query)
    const at = place.safeParse(query.cursor).data ?? { kind: wanted[0], after: null }
    const of = KINDS[at.kind ?? '']
    if (of === undefined) return { data: [] }
    const { items, next } = await search(http, of.path, searchFor(of, query, at.after))
    const data = items.flatMap((raw) => itemOf(raw, { kind: at.kind ?? '', of, portalId: account.id }))
    if (next !== undefined) return { data, cursor: { kind: at.kind ?? '', after: next } }
    const following = wanted[wanted.indexOf(at.kind ?? '') + 1]
    return following === undefined ? { data } : { data, cursor: { kind: following, after: null } }
  },

  comments: readNotes,
}

/** Only deals stand in pipelines. */
function kindsOf({ containerId, kind }: ItemQuery): readonly string[] {
  const all = containerId === undefined ? Object.keys(KINDS) : ['deal']
  return kind === undefined ? all : all.filter((one) => one === kind)
}

function searchFor(
  of: Kind,
  { containerId, search: words, since, until, limit }: ItemQuery,
  after: string | null,
): Json {
  const filters = [
    ...(containerId === undefined ? [] : [{ propertyName: 'pipeline', operator: 'EQ', value: containerId }]),
    ...(since === undefined ? [] : [{ propertyName: of.changed, operator: 'GTE', value: millis(since) }]),
    ...(until === undefined ? [] : [{ propertyName: of.changed, operator: 'LT', value: millis(until) }]),
  ]
  return {
    ...(filters.length > 0 && { filterGroups: [{ filters }] }),
    ...(words !== undefined && { query: words }),
    sorts: [{ propertyName: of.changed, direction: 'DESCENDING' }],
    properties: [...of.properties],
    limit,
    ...(after !== null && { after }),
  }
}

const millis = (time: string): string => String(Date.parse(time))

const named = record.extend({ properties: z.record(z.string(), z.unknown()) })

function itemOf(
  raw: unknown,
  { kind, of, portalId }: { readonly kind: string; readonly of: Kind; readonly portalId: string },
): readonly BrowsedItem[] {
  const read = named.safeParse(raw).data
  if (read === undefined) return []
  const { id, createdAt, updatedAt, properties } = read
  const texts = (names: readonly string[]) =>
    names
      .flatMap((name) => (typeof properties[name] === 'string' ? [properties[name].trim()] : []))
      .join(' ')
      .trim()
  const containerId = kind === 'deal' ? texts(['pipeline']) : ''
  return [
    {
      id: `${kind}:${id}`,
      kind,
      name: texts(of.names) || texts(['email', 'domain']) || `${kind} ${id}`,
      ...(containerId !== '' && { containerId }),
      url: recordPage(portalId, of.type, id),
      createdAt,
      updatedAt,
      raw,
    },
  ]
}

/** https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm#search-through-associations */
async function readNotes(
  http: ProviderHttp,
  { itemId, cursor, limit }: CommentQuery,
): Promise<BrowsePage<Comment>> {
  const [kind = '', id = ''] = itemId.split(':')
  if (KINDS[kind] === undefined || id === '') return { data: [] }
  const { items, next } = await search(http, 'notes', {
    filterGroups: [{ filters: [{ propertyName: `associations.${kind}`, operator: 'EQ', value: id }] }],
    sorts: [{ propertyName: 'hs_timestamp', direction: 'DESCENDING' }],
    properties: ['hs_note_body', 'hs_timestamp'],
    limit,
    ...(typeof cursor === 'string' && { after: cursor }),
  })
  const data = items.flatMap((raw) => {
    const read = note.safeParse(raw).data
    if (read === undefined) return []
    const { id, createdAt, updatedAt, properties } = read
    return [{ id, itemId, text: plainText(properties.hs_note_body ?? ''), createdAt, updatedAt, raw }]
  })
  return next === undefined ? { data } : { data, cursor: next }
}
