/**
 * How all streams are read: the first run by queries, by the time of creation; later ones by change data capture.
 * https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/change-data-capture
 */
import {
  NodeError,
  readAnswer,
  z,
  type FetchContext,
  type HttpAnswer,
  type Json,
  type Page,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { changesAnswer, deletion, entity, preferencesAnswer, queryAnswer } from './api.js'
import type { settings } from './settings.js'

/** The only version that is served since August 2025; it would otherwise be the newest. */
const MINOR_VERSION = 75
const PAGE_SIZE = 500
const MOST_CHANGES = 1_000
/** Changes are told for 30 days. */
const MOST_MS = 29 * 86_400_000
const OVERLAP_MS = 300_000

type Context = Pick<FetchContext<typeof settings>, 'settings' | 'fields'>

export const place = z.union([
  // Where the query goes on: at this time of creation, after so many of its rows; `met` were read already.
  z.object({
    created: z.string().nullable(),
    position: z.int(),
    met: z.array(z.string()),
    runAt: z.string(),
  }),
  z.object({ since: z.string() }),
])
export type Place = z.output<typeof place>

export interface Entity {
  /** `Invoice` */
  readonly name: string
  /** List entities have no deletion: they are made inactive, and then only queries that say so find them. */
  readonly hasActive: boolean
  /** Amounts are in the currency of the company where none is named. */
  readonly hasAmounts: boolean
}

/** A resource of this company. */
export function get(
  http: ProviderHttp,
  path: string,
  query: Readonly<Record<string, string>>,
  { settings, fields }: Context,
): Promise<HttpAnswer> {
  const company = encodeURIComponent(fields.texts['realmId'] ?? '')
  const url = `${settings.apiOrigin}/v3/company/${company}/${path}`
  return http.get(url, { query: { ...query, minorversion: MINOR_VERSION } })
}

export async function readEntity(
  http: ProviderHttp,
  of: Entity,
  cursor: Place | undefined,
  context: FetchContext<typeof settings>,
): Promise<Page<Place>> {
  const page =
    cursor && 'since' in cursor
      ? await changes(http, of, cursor.since, context)
      : await query(http, of, cursor, context)
  return of.hasAmounts ? { ...page, items: await withCurrency(http, page.items, context) } : page
}

async function query(
  http: ProviderHttp,
  { name, hasActive }: Entity,
  cursor: Exclude<Place, { since: string }> | undefined,
  context: FetchContext<typeof settings>,
): Promise<Page<Place>> {
  const at = cursor ?? beginning(context)
  const conditions = [
    ...(hasActive ? ['Active in (true, false)'] : []),
    ...(at.created === null ? [] : [`MetaData.CreateTime >= '${at.created}'`]),
  ]
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  const text = `select * from ${name}${where} orderby MetaData.CreateTime startposition ${at.position} maxresults ${PAGE_SIZE}`
  const answer = await get(http, 'query', { query: text }, context)
  const rows = rowsOf(readAnswer(queryAnswer, answer).QueryResponse, name)
  const items = rows.filter((row) => !at.met.includes(idOf(row) ?? ''))
  // Rows of the last time come again, and nothing else at the end.
  if (items.length === 0) return { items, cursor: { since: earlier(at.runAt) }, more: false }
  const last = createdOf(rows.at(-1)) ?? at.created
  const next =
    last === at.created
      ? { ...at, position: at.position + rows.length }
      : { ...at, created: last, position: 1, met: idsOf(rows.filter((row) => createdOf(row) === last)) }
  return { items, cursor: next, more: true }
}

function beginning({ sinceMs, now }: Pick<FetchContext, 'sinceMs' | 'now'>) {
  const created = sinceMs === undefined ? null : seconds(new Date(sinceMs).toISOString())
  return { created, position: 1, met: [], runAt: new Date(now).toISOString() }
}

async function changes(
  http: ProviderHttp,
  { name }: Entity,
  since: string,
  context: FetchContext<typeof settings>,
): Promise<Page<Place>> {
  if (context.now - Date.parse(since) > MOST_MS)
    throw new NodeError('CURSOR_EXPIRED', { detail: 'older than 29 days' })
  const answer = readAnswer(
    changesAnswer,
    await get(http, 'cdc', { entities: name, changedSince: since }, context),
  )
  const rows = rowsOf(answer.CDCResponse[0].QueryResponse[0], name)
  // There is no second page: what lies beyond cannot be asked for, so everything is read anew.
  if (rows.length >= MOST_CHANGES)
    throw new NodeError('CURSOR_EXPIRED', { detail: 'more changes than are told' })
  return {
    items: rows.filter((row) => !deletion.safeParse(row).success),
    deletedIds: rows.flatMap((row) => deletion.safeParse(row).data?.Id ?? []),
    cursor: { since: earlier(answer.time) },
    more: false,
  }
}

/** A little back: what comes twice is recognized by the node and not written again. */
function earlier(time: string): string {
  return new Date(Date.parse(time) - OVERLAP_MS).toISOString()
}

function rowsOf(answer: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const rows = answer[name] ?? []
  if (Array.isArray(rows)) return rows as readonly unknown[]
  throw new NodeError('PROVIDER_CHANGED', { detail: `${name}: rows that are no list` })
}

const idsOf = (rows: readonly unknown[]): string[] => rows.flatMap((row) => idOf(row) ?? [])
const idOf = (row: unknown): string | undefined => entity.safeParse(row).data?.Id

function createdOf(row: unknown): string | undefined {
  const read = entity.safeParse(row)
  return read.success ? seconds(read.data.MetaData.CreateTime) : undefined
}

/** Times of the service have no fractions, and its queries take none. */
const seconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z')

/** Rows of a company with a single currency may not name it; it is asked for only then. */
async function withCurrency(
  http: ProviderHttp,
  rows: readonly unknown[],
  context: Context,
): Promise<readonly unknown[]> {
  if (!rows.some(lacksCurrency)) return rows
  const { Preferences } = readAnswer(preferencesAnswer, await get(http, 'preferences', {}, context))
  const CurrencyRef = { value: Preferences.CurrencyPrefs.HomeCurrency.value }
  return rows.map((row) => (lacksCurrency(row) ? { ...(row as Record<string, Json>), CurrencyRef } : row))
}

function lacksCurrency(row: unknown): boolean {
  return typeof row === 'object' && row !== null && !Array.isArray(row) && !('CurrencyRef' in row)
}
