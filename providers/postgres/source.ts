/** What is read: a table or a query, its columns with their types, and what its rows are told apart and ordered by. */
import type { FieldValues } from '../../src/provider/index.js'
import { refused } from './failures.js'
import { quoted, readNames, readTables, shown, shownTable, type TableName } from './names.js'
import type { Session } from './session.js'

export interface Column {
  readonly name: string
  readonly type: number
  /** Of its elements, where it is an array. */
  readonly element?: number
  /** Whether its values may be of any size. */
  readonly isLong: boolean
}

export interface Source {
  /** `public.orders`, or the name of the query. */
  readonly collection: string
  /** What stands after `from`, under the alias `source`. */
  readonly relation: string
  readonly columns: readonly Column[]
  /** Names of the columns that identify a row. */
  readonly keys: readonly string[]
  /** Whether a row without a key can be in it. */
  readonly isKeyLoose: boolean
  readonly watermark?: { readonly name: string; readonly isNullable: boolean }
}

type Place = TableName | { readonly query: string }

/** What was told of, by the name that its records carry. @throws NodeError REQUEST_INVALID: neither or both */
export function placesOf({
  tables = '',
  query = '',
  queryName = '',
}: FieldValues['texts']): ReadonlyMap<string, Place> {
  const isQuery = query.trim() !== ''
  if (isQuery === (tables.trim() !== '')) throw refused('tables', 'or a query is needed, and not both')
  if (isQuery) return new Map([[queryName, { query: query.trim().replace(/;$/, '') }]])
  return new Map(readTables(tables).map((table) => [shownTable(table), table]))
}

/** A table that cannot be read is told of by the stream that reads whole tables. @throws NodeError REQUEST_INVALID: a query */
export async function hasWatermark(
  session: Session,
  texts: FieldValues['texts'],
  collection: string,
): Promise<boolean> {
  const [name] = readNames(texts['watermark'])
  const place = placesOf(texts).get(collection)
  if (name === undefined || place === undefined) return false
  if ('query' in place) return (await sourceOf(session, texts, collection)).watermark !== undefined
  const { rows } = await session.ask(TABLE, [place.schema, place.table])
  return rows.some(([, column]) => column === name)
}

/** @throws NodeError REQUEST_INVALID: not there, or without a key */
export async function sourceOf(
  session: Session,
  texts: FieldValues['texts'],
  collection: string,
): Promise<Source> {
  const place = placesOf(texts).get(collection)
  if (place === undefined) throw refused('tables', `names no ${collection} any more`)
  const source = 'query' in place ? querySource(texts, place) : await tableSource(session, place)
  const columns = await columnsOf(session, source)
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw refused('query', `has two columns named ${shown(twice)}`)
  const missing = source.keys.find((name) => !names.includes(name))
  if (missing !== undefined) throw refused('key', `names ${shown(missing)}, which ${collection} has not`)
  const [watermark] = readNames(texts['watermark'])
  const { keys, nullable } = source
  const isNullable = (name: string): boolean =>
    !keys.includes(name) && (nullable === undefined || nullable.includes(name))
  return {
    ...source,
    collection,
    columns,
    ...(watermark !== undefined &&
      names.includes(watermark) && {
        watermark: { name: watermark, isNullable: isNullable(watermark) },
      }),
  }
}

interface Named extends Pick<Source, 'relation' | 'keys' | 'isKeyLoose'> {
  /** What stands after `select`. */
  readonly list: string
  /** Columns that may be null; missing: any. */
  readonly nullable?: readonly string[]
}

function querySource({ key }: FieldValues['texts'], { query }: { readonly query: string }): Named {
  const keys = readNames(key)
  if (keys.length === 0) throw refused('key', 'is needed with a query')
  // On lines of its own: a comment at its end must not reach further.
  return { relation: `(\n${query}\n) as source`, list: '*', keys, isKeyLoose: true }
}

/** Columns that the user may read, and the primary key, or else the first unique index over columns that are never null. */
const TABLE = `
  select c.relkind, a.attname, a.attnotnull, coalesce(pg_catalog.array_position(k.columns, a.attnum), 0),
    coalesce(pg_catalog.array_length(k.columns, 1), 0)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join lateral (
    select (i.indkey::int2[])[0:i.indnkeyatts - 1] as columns
    from pg_catalog.pg_index i
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
      and not exists (
        select from pg_catalog.pg_attribute u
        where u.attrelid = c.oid and not u.attnotnull
          and u.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
    order by i.indisprimary desc, i.indnkeyatts, i.indexrelid
    limit 1
  ) k on true
  where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'm', 'v', 'f')
    and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
  order by a.attnum`

async function tableSource(session: Session, name: TableName): Promise<Named> {
  const collection = shownTable(name)
  const { rows } = await session.ask(TABLE, [name.schema, name.table])
  const [first] = rows
  if (first === undefined) throw refused('tables', `names ${collection}, which is not there for this user`)
  const keyed = rows.filter(([, , , place]) => place !== '0').sort((a, b) => Number(a[3]) - Number(b[3]))
  if (first[4] === '0')
    throw refused(
      'tables',
      `names ${collection}, whose rows nothing tells apart: no primary key. A query may name one`,
    )
  if (keyed.length !== Number(first[4]))
    throw refused('tables', `names ${collection}, whose key this user may not read`)
  const names = (some: typeof rows): readonly string[] => some.map(([, column]) => column ?? '')
  // Rows of tables that inherit from it are not told apart by its key.
  const only = first[0] === 'r' ? 'only ' : ''
  return {
    relation: `${only}${quoted(name.schema)}.${quoted(name.table)} as source`,
    list: names(rows).map(quoted).join(', '),
    keys: names(keyed),
    isKeyLoose: false,
    nullable: names(rows.filter(([, , isNeverNull]) => isNeverNull !== 't')),
  }
}

const TYPES = `
  select t.oid, t.typlen, coalesce(nullif(e.typbasetype, 0), e.oid)
  from pg_catalog.pg_type t
  left join pg_catalog.pg_type e on e.oid = t.typelem and t.typcategory = 'A' and e.typdelim = ','
  where t.oid = any ($1::pg_catalog.oid[])`

async function columnsOf(session: Session, { list, relation }: Named): Promise<readonly Column[]> {
  const { columns } = await session.ask(`select ${list} from ${relation} limit 0`)
  const { rows } = await session.ask(TYPES, [`{${columns.map(({ type }) => type).join(',')}}`])
  const types = new Map(
    rows.map(([oid, length, element]) => [Number(oid), { isLong: length === '-1', element }]),
  )
  return columns.map(({ name, type }) => {
    const { isLong = true, element } = types.get(type) ?? {}
    return { name, type, isLong, ...(typeof element === 'string' && { element: Number(element) }) }
  })
}
