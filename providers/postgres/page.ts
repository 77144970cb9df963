/** One page of rows after a place: in the order of some columns, ended by rows or by size, whichever comes first. */
import { z, type JsonObject } from '../../src/provider/index.js'
import { quoted } from './names.js'
import type { Session, Texts } from './session.js'
import type { Column, Source } from './source.js'
import { BYTEA, jsonOf, MAX_LONG } from './values.js'

/** Of the values of one page, as texts. */
const PAGE_CHARACTERS = 8_000_000
/** Of one answer of the server. */
const FETCH_CHARACTERS = 2_000_000

export interface PageWish {
  /** Columns that rows are sorted by; together they tell rows apart. */
  readonly by: readonly string[]
  /** Values of the first of these columns, or of all: rows come after them. */
  readonly after?: readonly string[] | undefined
  /** Further conditions, in which `$n` is the n-th of `values`. */
  readonly where?: readonly string[]
  readonly values?: readonly string[]
  /** A condition that is read with every row. */
  readonly held?: string
  readonly limit: number
}

export interface PageRow {
  /** The values of `by`. */
  readonly place: Texts
  readonly isHeld: boolean
  readonly texts: Texts
}

export interface RowsPage {
  readonly rows: readonly PageRow[]
  /** Whether more may follow. */
  readonly more: boolean
}

export const column = (name: string): string => `source.${quoted(name)}`

export async function readPage(session: Session, source: Source, wish: PageWish): Promise<RowsPage> {
  const { by, after, where = [], values = [], held = 'true', limit } = wish
  const list = [`(${held})`, ...source.columns.map(selected)].join(', ')
  const reached = after?.map((_value, at) => `$${values.length + at + 1}`) ?? []
  const conditions = [
    ...where,
    // Compared as a whole, as an index over these columns is sorted.
    ...(reached.length === 0
      ? []
      : [`(${by.slice(0, reached.length).map(column).join(', ')}) > (${reached.join(', ')})`]),
  ]
  const filter = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`
  await session.ask(
    `declare page no scroll cursor for select ${list} from ${source.relation} ${filter} order by ${by.map(column).join(', ')} limit ${limit}`,
    [...values, ...(after ?? [])],
  )
  const places = by.map((name) => source.columns.findIndex((one) => one.name === name))
  const rows: PageRow[] = []
  let characters = 0
  // The first row alone tells how large rows may be.
  for (let count = 1; count > 0;) {
    const { rows: read } = await session.ask(`fetch forward ${count} from page`)
    for (const [isHeld, ...texts] of read) {
      characters += texts.reduce((sum, text) => sum + (text?.length ?? 0), 0)
      rows.push({ place: places.map((at) => texts[at] ?? null), isHeld: isHeld === 't', texts })
    }
    if (read.length < count) return { rows, more: false }
    if (characters >= PAGE_CHARACTERS) break
    const fitting = Math.floor(FETCH_CHARACTERS / Math.max(1, characters / rows.length))
    count = Math.min(limit - rows.length, Math.max(1, fitting))
  }
  return { rows, more: true }
}

/** By the output function of its type, and no longer than what is kept of it. */
function selected({ name, type, isLong }: Column): string {
  const value = column(name)
  if (!isLong) return value
  if (type === BYTEA) return `pg_catalog.substring(${value}, 1, ${MAX_LONG + 1})`
  return `case when ${value} is distinct from null then pg_catalog.left(pg_catalog.format('%s', ${value}), ${MAX_LONG + 1}) end`
}

/** A row with what its source tells of it. */
export const row = z.looseObject({
  collection: z.string().min(1),
  keys: z.array(z.string().min(1)).min(1),
  id: z.string().min(1).max(2_000),
  title: z.string().optional(),
  changed: z.string().optional(),
  row: z.record(z.string(), z.unknown()),
})

export type RowItem = JsonObject & { readonly id: string; readonly title?: string }

export function itemOf(source: Source, { texts }: PageRow, title: string | undefined): RowItem {
  const textOf = (name: string | undefined): string | undefined =>
    texts[source.columns.findIndex((one) => one.name === name)] ?? undefined
  const members = source.columns.map((one, at) => [one.name, jsonOf(texts[at] ?? null, one)] as const)
  const titled = textOf(title)
  return {
    collection: source.collection,
    keys: [...source.keys],
    // Values that hold a comma or a slash stay apart from their neighbours.
    id: source.keys.map((name) => encodeURIComponent(textOf(name) ?? '')).join(','),
    ...(titled !== undefined && { title: titled.slice(0, 1_000) }),
    row: Object.fromEntries(members),
  }
}

/** What a column of a row holds, where it is a moment: a time without a zone is none. */
export function momentOf(item: JsonObject, name: string | undefined): string | undefined {
  const value = (item['row'] as JsonObject)[name ?? '']
  return typeof value === 'string' && /^(?!0000)\d{4}-.*Z$/.test(value) ? value : undefined
}
