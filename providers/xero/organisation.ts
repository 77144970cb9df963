/** How streams are read: by the time of change, oldest first, from the last change that was met. The account is the organisation. */
import {
  NodeError,
  readAnswer,
  z,
  type Account,
  type FetchContext,
  type HttpAnswer,
  type Page,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { connections, pagination, time } from './api.js'

const API = 'https://api.xero.com/api.xro/2.0'
const PAGE_SIZE = 100
const OVERLAP_MS = 300_000

/** `sinceMs`: changed from then on, in whole seconds; `met`: those of that second that were read. */
export const place = z.object({ sinceMs: z.number().nullable(), page: z.int(), met: z.array(z.string()) })
export type Place = z.output<typeof place>

export interface Resource {
  /** `Invoices`: its path, and the member of the answer that lists them. */
  readonly name: string
  /** `InvoiceID` */
  readonly id: string
  readonly query?: Readonly<Record<string, string | boolean>>
}

/** The organisation that was named, by id or name; else the one that was let in last. */
export async function organisation(http: ProviderHttp, wanted: string | undefined): Promise<Account> {
  const all = readAnswer(connections, await http.get('https://api.xero.com/connections'))
  const found = all
    .filter(({ tenantType: type }) => type === 'ORGANISATION')
    .filter(({ tenantId, tenantName }) => !wanted || [tenantId, tenantName].includes(wanted))
    .sort((a, b) => b.updatedDateUtc.localeCompare(a.updatedDateUtc))[0]
  if (found === undefined) throw new NodeError('SCOPE_MISSING', { detail: 'no such organisation was let in' })
  return { id: found.tenantId, name: found.tenantName }
}

/** Every call names the organisation: a sign-in may reach several. */
export function get(
  http: ProviderHttp,
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
  { account }: Pick<FetchContext, 'account'>,
): Promise<HttpAnswer> {
  return http.get(`${API}/${path}`, { query, headers: { 'xero-tenant-id': account.id } })
}

export async function readChanged(
  http: ProviderHttp,
  of: Resource,
  cursor: Place | undefined,
  context: FetchContext,
): Promise<Page<Place>> {
  const at = cursor ?? {
    sinceMs: context.sinceMs === undefined ? null : seconds(context.sinceMs),
    page: 1,
    met: [],
  }
  const query = {
    ...of.query,
    where: at.sinceMs === null ? undefined : `UpdatedDateUTC>=${dateTime(at.sinceMs)}`,
    order: 'UpdatedDateUTC ASC',
    page: at.page,
    pageSize: PAGE_SIZE,
  }
  const form = z.object({ [of.name]: z.array(z.unknown()), pagination: pagination.nullish() })
  const answer = readAnswer(form, await get(http, of.name, query, context))
  const rows = answer[of.name] as readonly unknown[]
  const items = rows.filter((row) => !at.met.includes(idOf(row, of)))
  const lastMs = Math.max(at.sinceMs ?? -Infinity, ...rows.map(changedMs))
  const { pageCount } = (answer['pagination'] ?? { pageCount: Infinity }) as { readonly pageCount: number }
  if (items.length === 0 || at.page >= pageCount) {
    const sinceMs = lastMs === -Infinity ? null : seconds(Math.min(lastMs, context.now) - OVERLAP_MS)
    return { items, cursor: { sinceMs, page: 1, met: [] }, more: false }
  }
  // Items that change meanwhile move to the end: page numbers alone would skip one for each of them.
  const next =
    seconds(lastMs) > (at.sinceMs ?? -Infinity)
      ? {
          sinceMs: seconds(lastMs),
          page: 1,
          met: rows.filter((row) => seconds(changedMs(row)) === seconds(lastMs)).map((row) => idOf(row, of)),
        }
      : { ...at, page: at.page + 1 }
  return { items, cursor: next, more: true }
}

/** Those whose state says that they were deleted are told apart from the others. */
export function withDeleted(page: Page<Place>, of: Resource): Page<Place> {
  const isDeleted = (row: unknown) => z.object({ Status: z.literal('DELETED') }).safeParse(row).success
  return {
    ...page,
    items: page.items.filter((row) => !isDeleted(row)),
    deletedIds: page.items
      .filter(isDeleted)
      .map((row) => idOf(row, of))
      .filter((id) => id !== ''),
  }
}

const idOf = (row: unknown, { id }: Resource): string => {
  const read = z.object({ [id]: z.string() }).safeParse(row)
  return read.success ? String(read.data[id]) : ''
}

/** -Infinity when it cannot be read: such a row is set aside later and moves no cursor. */
function changedMs(row: unknown): number {
  const read = z.object({ UpdatedDateUTC: time }).safeParse(row)
  return read.success ? Date.parse(read.data.UpdatedDateUTC) : -Infinity
}

const seconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000

/** As filters write it, in whole seconds. https://developer.xero.com/documentation/api/accounting/requests-and-responses */
export function dateTime(ms: number): string {
  const date = new Date(ms)
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ]
  return `DateTime(${parts.join(',')})`
}
