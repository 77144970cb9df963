/** Live reads: accounts as companies, their contacts and opportunities, and the notes on each. */
import {
  z,
  type Browse,
  type BrowsedItem,
  type ContainerQuery,
  type ItemQuery,
  type Json,
} from '../../src/provider/index.js'
import { changed, named, note } from './api.js'
import type { settings } from './settings.js'
import { holding, moment, query, quoted } from './soql.js'

const OBJECTS: Readonly<Record<string, string>> = { contact: 'Contact', deal: 'Opportunity' }
const FIELDS = 'Id, Name, CreatedDate, LastModifiedDate, SystemModstamp'

/** Newest first: what comes next changed before this one. */
const place = z.object({ kind: z.string(), ms: z.number().nullable(), id: z.string() })
type Place = z.output<typeof place>

export const browse: Browse<typeof settings> = {
  containerKinds: ['company'],
  itemKinds: Object.keys(OBJECTS),
  filters: ['container', 'kind', 'search', 'time'],

  async containers(http, asked, context) {
    const at = placeOf(asked, 'company')
    const conditions = [
      ...before(at),
      ...(asked.parentId === undefined ? [] : [`ParentId = ${quoted(asked.parentId)}`]),
    ]
    const { records } = await query(
      http,
      select(`${FIELDS}, ParentId`, 'Account', conditions, asked.limit),
      context,
    )
    const data = records.flatMap((raw) => {
      const read = withParent.safeParse(raw).data
      if (read === undefined) return []
      const { Id: id, Name: name, CreatedDate: createdAt, LastModifiedDate: updatedAt, ParentId } = read
      return [
        { id, kind: 'company', name, ...(ParentId && { parentId: ParentId }), createdAt, updatedAt, raw },
      ]
    })
    return onward(data, nextPlace(records, at.kind, asked.limit))
  },

  async items(http, asked, context) {
    const wanted = Object.keys(OBJECTS).filter((kind) => asked.kind === undefined || asked.kind === kind)
    const at = placeOf(asked, wanted[0] ?? '')
    const object = OBJECTS[at.kind]
    if (object === undefined) return { data: [] }
    const soql = select(`${FIELDS}, AccountId`, object, [...before(at), ...conditionsOf(asked)], asked.limit)
    const { records } = await query(http, soql, context)
    const following = wanted[wanted.indexOf(at.kind) + 1]
    const next = nextPlace(records, at.kind, asked.limit)
    return onward(
      records.flatMap((raw) => itemOf(raw, at.kind)),
      next ?? (following === undefined ? undefined : { kind: following, ms: null, id: '' }),
    )
  },

  async comments(http, { itemId, cursor, limit }, context) {
    const at = placeOf({ cursor }, 'note')
    const fields = 'Id, Title, Body, Owner.Name, CreatedDate, LastModifiedDate, SystemModstamp'
    const conditions = [`ParentId = ${quoted(itemId)}`, ...before(at)]
    const { records } = await query(http, select(fields, 'Note', conditions, limit), context)
    const data = records.flatMap((raw) => {
      const read = note.safeParse(raw).data
      if (read === undefined) return []
      const author = read.Owner?.Name
      return [
        {
          id: read.Id,
          itemId,
          text: [read.Title, read.Body].filter((part) => part !== undefined).join('\n'),
          ...(author && { author }),
          createdAt: read.CreatedDate,
          updatedAt: read.LastModifiedDate,
          raw,
        },
      ]
    })
    return onward(data, nextPlace(records, 'note', limit))
  },
}

const withParent = named.extend({ ParentId: z.string().nullish() })

const placeOf = ({ cursor }: { readonly cursor?: Json | undefined }, kind: string): Place =>
  place.safeParse(cursor).data ?? { kind, ms: null, id: '' }

function select(fields: string, object: string, conditions: readonly string[], limit: number): string {
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return `SELECT ${fields} FROM ${object}${where} ORDER BY SystemModstamp DESC, Id DESC LIMIT ${limit}`
}

const before = ({ ms, id }: Place): readonly string[] =>
  ms === null
    ? []
    : [`(SystemModstamp < ${moment(ms)} OR (SystemModstamp = ${moment(ms)} AND Id < ${quoted(id)}))`]

function conditionsOf({ containerId, search, since, until }: ItemQuery): readonly string[] {
  return [
    ...(containerId === undefined ? [] : [`AccountId = ${quoted(containerId)}`]),
    ...(search === undefined ? [] : [`Name LIKE ${holding(search)}`]),
    ...(since === undefined ? [] : [`SystemModstamp >= ${moment(Date.parse(since))}`]),
    ...(until === undefined ? [] : [`SystemModstamp < ${moment(Date.parse(until))}`]),
  ]
}

function nextPlace(
  records: readonly unknown[],
  kind: string,
  limit: ContainerQuery['limit'],
): Place | undefined {
  const last = records.length < limit ? undefined : changed.safeParse(records.at(-1)).data
  return last && { kind, ms: Date.parse(last.SystemModstamp), id: last.Id }
}

const onward = <T>(data: readonly T[], next: Place | undefined) => (next ? { data, cursor: next } : { data })

function itemOf(raw: unknown, kind: string): readonly BrowsedItem[] {
  const read = named.safeParse(raw).data
  if (read === undefined) return []
  const { Id: id, Name: name, AccountId, CreatedDate: createdAt, LastModifiedDate: updatedAt } = read
  return [{ id, kind, name, ...(AccountId && { containerId: AccountId }), createdAt, updatedAt, raw }]
}
