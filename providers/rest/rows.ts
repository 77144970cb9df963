/** The items of the list. Each run reads all of them: what changed cannot be asked for in any one way. */
import { defineStream, excerpt, z, type FieldValues, type JsonObject } from '../../src/provider/index.js'
import { readPage } from './pages.js'
import { valueAt } from './pointer.js'

/** What the fields tell of an item: kept beside its members, since `map` is told of no fields. */
const TOLD = '@connector'
const row = z.looseObject({
  [TOLD]: z.object({
    id: z.string().min(1).max(1_000),
    collection: z.string().min(1),
    title: z.string().optional(),
    created: z.string().optional(),
    changed: z.string().optional(),
  }),
})

/** `first` is the first item's id of the page before, by which a page that comes again is known. */
const place = z.object({ next: z.string(), first: z.string() })

export const rows = defineStream({
  name: 'rows',
  label: 'Items',
  schema: 'data/row',
  cursor: place,
  item: row,
  deletes: 'scan',
  incremental: false,

  async fetchPage(http, cursor, { fields }) {
    // A cursor without a page begins the list anew.
    const at = cursor?.next === '' ? undefined : cursor?.next
    const page = await readPage(http, fields, at)
    const items = page.items.map((item) => withTold(item, fields.texts))
    const first = idOf(page.items[0], fields.texts) ?? ''
    // A list that does not know the number of the page answers the same for ever.
    const isAgain = cursor !== undefined && first !== '' && first === cursor.first
    if (page.next === undefined || isAgain) return { items, cursor: { next: '', first: '' }, more: false }
    return { items, cursor: { next: page.next, first }, more: true }
  },

  map({ [TOLD]: told, ...item }) {
    return {
      sourceId: told.id,
      ...(told.created && { insertedAt: told.created }),
      ...((told.changed ?? told.created) && { modifiedAt: told.changed ?? told.created ?? '' }),
      fields: {
        name: excerpt(told.title, 120) ?? told.id,
        collection: told.collection,
        row: item as JsonObject,
        // It is the row.
        sourceData: {},
      },
    }
  },
})

function withTold(item: unknown, texts: FieldValues['texts']): unknown {
  const members = typeof item === 'object' && item !== null && !Array.isArray(item) ? item : { value: item }
  const { title, created, changed, collection = '' } = texts
  const told = {
    id: idOf(item, texts),
    collection,
    title: title && wordOf(valueAt(item, title)),
    created: created && timeOf(valueAt(item, created)),
    changed: changed && timeOf(valueAt(item, changed)),
  }
  return { ...members, [TOLD]: Object.fromEntries(Object.entries(told).filter(([, value]) => value)) }
}

const idOf = (item: unknown, texts: FieldValues['texts']): string | undefined =>
  wordOf(valueAt(item, texts['id'] ?? '/id'))

const wordOf = (value: unknown): string | undefined =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
    ? String(value)
    : undefined

/** Seconds since 1970 until the year 5138, else milliseconds. */
function timeOf(value: unknown): string | undefined {
  const ms = typeof value === 'number' ? value * (Math.abs(value) < 1e11 ? 1_000 : 1) : dateOf(value)
  return Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : undefined
}

/** A date alone, or with a time and its zone: a time without one is no moment. */
function dateOf(value: unknown): number {
  const isDate =
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/.test(value)
  return isDate ? Date.parse(value) : Number.NaN
}
