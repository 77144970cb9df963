/** Decrypted records as the practice Vault's page shows them: a known shape for what people know, a plain table for the rest. */
import { z } from 'zod'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Cell, SchemaView, Shown } from '../../web/record-sections.js'
import type { DevRecords } from './dev-vault-port.js'

/** What is not of this form is not shown; a record is never trusted to be what its schema says. */
const text = z.string().optional().catch(undefined)
const when = z
  .object({ dateTime: z.string() })
  .transform(({ dateTime }) => dateTime)
  .optional()
  .catch(undefined)

const record = z.object({
  name: text,
  summary: text,
  content: text,
  type: text,
  uri: text,
  mimeType: text,
  extension: text,
  size: z.number().optional().catch(undefined),
  location: text,
  timezone: text,
  start: when,
  end: when,
  insertedAt: text,
  modifiedAt: text,
  followedTimestamp: text,
})
type Fields = z.output<typeof record>

/** What people look for first comes first. */
export function showAll(all: readonly DevRecords[]): readonly SchemaView[] {
  const known = Object.keys(TITLES)
  const rank = ({ schema }: DevRecords): number => {
    const at = known.indexOf(pathOf(schema))
    return at === -1 ? known.length : at
  }
  return [...all].sort((a, b) => rank(a) - rank(b)).map(showRecords)
}

function showRecords({ schema, total, records }: DevRecords): SchemaView {
  const path = pathOf(schema)
  const rows = records.map((row: JsonObject) => record.parse(row))
  return {
    id: path.replaceAll('/', '-'),
    title: titleOf(path),
    schema,
    total,
    count: records.length,
    shown: shownAs(path, rows),
  }
}

/** `social/post` of a schema's URI: its last two names before the version, or one when there is no more. */
function pathOf(schema: string): string {
  const [path = schema] = new URL(schema).pathname.slice(1).split(/\/(?:v\d|latest)/)
  return path
}

const TITLES: Readonly<Record<string, string>> = {
  'social/post': 'Posts',
  'social/following': 'Following',
  file: 'Files',
  'social/event': 'Events',
  'social/calendar': 'Calendars',
}

function titleOf(path: string): string {
  const last = path.split('/').at(-1) ?? path
  return TITLES[path] ?? `${last.charAt(0).toUpperCase()}${last.slice(1)}`
}

function shownAs(path: string, rows: readonly Fields[]): Shown {
  switch (path) {
    case 'social/post':
      return {
        kind: 'posts',
        posts: rows.map(({ name, content, type, insertedAt, uri }) => ({
          title: name,
          text: content,
          kind: type,
          at: insertedAt,
          href: uri,
        })),
      }
    case 'social/following':
      return {
        kind: 'people',
        people: rows.map(({ name, summary, followedTimestamp, uri }) => ({
          name: name ?? 'Unnamed',
          about: summary,
          since: followedTimestamp,
          href: uri,
        })),
      }
    case 'file':
      return asTable(rows, [
        ['Name', link],
        ['Type', ({ mimeType, extension }) => plain(mimeType ?? extension)],
        ['Size', ({ size }) => ({ kind: 'number', text: size === undefined ? '' : bytes(size) })],
        ['Changed', ({ modifiedAt }) => ({ kind: 'moment', at: modifiedAt })],
      ])
    case 'social/event':
      return asTable(rows, [
        ['Event', link],
        ['Starts', ({ start }) => ({ kind: 'moment', at: start })],
        ['Ends', ({ end }) => ({ kind: 'moment', at: end })],
        ['Where', ({ location }) => plain(location)],
      ])
    default:
      return asTable(rows, [
        ['Name', link],
        ['Summary', ({ summary }) => plain(summary)],
        ['From', ({ insertedAt }) => ({ kind: 'moment', at: insertedAt })],
      ])
  }
}

type Column = readonly [title: string, read: (row: Fields) => Cell]

function asTable(rows: readonly Fields[], columns: readonly Column[]): Shown {
  return {
    kind: 'table',
    columns: columns.map(([title]) => title),
    rows: rows.map((row) => columns.map(([, read]) => read(row))),
  }
}

const plain = (value: string | undefined): Cell => ({ kind: 'text', text: value ?? '' })

const link = ({ name, uri }: Fields): Cell => ({ kind: 'link', text: name ?? 'Unnamed', href: uri })

function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)))
  const value = size / 1000 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`
}
