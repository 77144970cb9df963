/**
 * How all objects are read: by queries for what changed after a time and an id; later runs first ask what was deleted.
 * https://developer.salesforce.com/docs/platform/api-rest/guide/resources-queryall.html
 */
import {
  changedSince,
  readAnswer,
  z,
  type ChangedSinceCursor,
  type FieldValues,
  type ProviderHttp,
  type SettingsShape,
  type StreamPart,
} from '../../src/provider/index.js'
import { changed, queryAnswer } from './api.js'

const VERSION = 'v67.0'
/** The most of a batch. */
const BATCH_SIZE = 2_000
/** A call may take ten minutes until what it changed is seen. https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html */
const OVERLAP_MS = 600_000

type Context = { readonly fields: FieldValues }
export interface Answered {
  readonly records: readonly unknown[]
  readonly done: boolean
}

/** `queryAll` also finds what lies in the recycle bin. */
export async function query(
  http: ProviderHttp,
  soql: string,
  { fields }: Context,
  resource: 'query' | 'queryAll' = 'query',
): Promise<Answered> {
  const url = `${fields.texts['instanceUrl'] ?? ''}/services/data/${VERSION}/${resource}`
  return readAnswer(queryAnswer, await http.get(url, { query: { q: soql } }))
}

/** https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-quotedstringescapes.html */
const escaped = (text: string): string => text.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, ' ')

/** A text in SOQL. */
export const quoted = (text: string): string => `'${escaped(text)}'`

/** What holds the text, whose own wildcards are none. */
export const holding = (text: string): string => `'%${escaped(text).replace(/[%_]/g, '\\$&')}%'`

export const moment = (ms: number): string => new Date(ms).toISOString()

const positionOf = (item: unknown) => {
  const read = changed.safeParse(item).data
  return read && { ms: Date.parse(read.SystemModstamp), id: read.Id }
}

/** What changed after this id at this time, or later; without an id also what changed at this very time. */
function after(ms: number, id: string | undefined): string {
  if (id === undefined) return `SystemModstamp >= ${moment(ms)}`
  return `(SystemModstamp > ${moment(ms)} OR (SystemModstamp = ${moment(ms)} AND Id > ${quoted(id)}))`
}

const order = `ORDER BY SystemModstamp, Id LIMIT ${BATCH_SIZE}`

/** Deletions go on after this one, or are at their end. */
const token = z.union([
  z.object({ ms: z.number(), id: z.string() }),
  z.object({ deletions: z.literal('read') }),
])
type Token = z.output<typeof token>

async function deletions(
  http: ProviderHttp,
  { object, context }: { readonly object: string; readonly context: Context },
  from: { readonly ms: number; readonly id?: string },
) {
  const soql = `SELECT Id, SystemModstamp FROM ${object} WHERE IsDeleted = true AND ${after(from.ms, from.id)} ${order}`
  const { records, done } = await query(http, soql, context, 'queryAll')
  const met = records.flatMap((row) => positionOf(row) ?? [])
  const last = done && records.length < BATCH_SIZE ? undefined : met.at(-1)
  const next: Token = last === undefined ? { deletions: 'read' } : { ms: last.ms, id: last.id }
  return { items: [], deletedIds: met.map(({ id }) => id), next }
}

export function changesOf(object: string): StreamPart<SettingsShape, ChangedSinceCursor<Token>> {
  return changedSince({
    token,
    position: positionOf,
    overlapMs: OVERLAP_MS,
    async list(http, { sinceMs, afterId, token }, context) {
      if (token && 'ms' in token) return deletions(http, { object, context }, token)
      // A later pass begins.
      if (!token && afterId === undefined && sinceMs !== undefined)
        return deletions(http, { object, context }, { ms: sinceMs })
      const where = sinceMs === undefined ? '' : `WHERE ${after(sinceMs, afterId)} `
      const { records, done } = await query(
        http,
        `SELECT FIELDS(STANDARD) FROM ${object} ${where}${order}`,
        context,
      )
      const more = positionOf(records.at(-1)) !== undefined && (!done || records.length >= BATCH_SIZE)
      return { items: records.map(withoutViews), more }
    },
  })
}

/** When the person of this connection last looked at a record is no change of it. */
const VIEWS: ReadonlySet<string> = new Set(['LastViewedDate', 'LastReferencedDate'])

function withoutViews(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => !VIEWS.has(name)))
}
