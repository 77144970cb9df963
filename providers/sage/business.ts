/** How all streams are read: what changed since a time, then what was deleted since. The account is the business. */
import {
  NodeError,
  readAnswer,
  z,
  type Account,
  type FetchContext,
  type Page,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { businesses, identified, listPage } from './api.js'

export const API = 'https://api.accounting.sage.com/v3.1'
/** The most that the service gives. */
const PAGE_SIZE = 200
const OVERLAP_MS = 300_000

/** `since` holds for a whole run and is null in the first; `runAt` is when it began. */
export const place = z.object({
  phase: z.enum(['changed', 'deleted']),
  since: z.string().nullable(),
  page: z.int(),
  runAt: z.string().nullable(),
})
export type Place = z.output<typeof place>

export interface Resource {
  /** `sales_invoices` */
  readonly path: string
  /** Whether the list can be asked for what was deleted. */
  readonly tellsDeleted: boolean
  readonly query?: Readonly<Record<string, string | boolean>>
}

/** The business that was named, by id or name; else the first of the list. */
export async function business(http: ProviderHttp, wanted: string | undefined): Promise<Account> {
  const { $items: all } = readAnswer(businesses, await http.get(`${API}/businesses`))
  const found = all.find(({ id, displayed_as: name }) => !wanted || id === wanted || name === wanted)
  if (found === undefined)
    throw new NodeError('SCOPE_MISSING', { detail: 'no such business is open to this person' })
  return { id: found.id, name: found.displayed_as }
}

export async function readChanged(
  http: ProviderHttp,
  of: Resource,
  cursor: Place | undefined,
  context: FetchContext,
): Promise<Page<Place>> {
  const start = { phase: 'changed', since: sinceOf(context), page: 1, runAt: null } as const
  const at = { ...(cursor ?? start), runAt: cursor?.runAt ?? new Date(context.now).toISOString() }
  const query = {
    ...of.query,
    attributes: 'all',
    items_per_page: PAGE_SIZE,
    page: at.page,
    [at.phase === 'changed' ? 'updated_or_created_since' : 'deleted_since']: at.since ?? undefined,
  }
  const headers = { 'x-business': context.account.id }
  const { $items: rows, $next: next } = readAnswer(
    listPage,
    await http.get(`${API}/${of.path}`, { query, headers }),
  )
  const deleted = { deletedIds: rows.flatMap((row) => identified.safeParse(row).data?.id ?? []) }
  const found = at.phase === 'changed' ? { items: rows } : { items: [], ...deleted }
  if (next !== null) return { ...found, cursor: { ...at, page: at.page + 1 }, more: true }
  // The first run has nothing that could have been deleted.
  if (at.phase === 'changed' && of.tellsDeleted && cursor !== undefined && at.since !== null)
    return { ...found, cursor: { ...at, phase: 'deleted', page: 1 }, more: true }
  const since = new Date(Date.parse(at.runAt) - OVERLAP_MS).toISOString()
  return { ...found, cursor: { phase: 'changed', since, page: 1, runAt: null }, more: false }
}

function sinceOf({ sinceMs }: Pick<FetchContext, 'sinceMs'>): string | null {
  return sinceMs === undefined ? null : new Date(sinceMs).toISOString()
}
