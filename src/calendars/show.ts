/** A subaccount's connector as its tenant sees it: its metadata, and every calendar with its invitation. */
import type { ConnectionStatus, Connector } from '../store/index.js'
import {
  connectors,
  subaccountCalendars,
  type ScopedTx,
  type SubaccountCalendar,
  type SubaccountConnector,
} from '../store/index.js'
import type { CalendarTaskPorts } from './ports.js'
import { readFacts, type CalendarMetadata } from './sealed-facts.js'

export interface CalendarView {
  readonly calendarId: string
  /** At `/v1/connectors`. */
  readonly connectorId: string
  readonly status: ConnectionStatus
  readonly userEmail: string | null
  /** The only account that may be connected. */
  readonly demandedEmail: string | null
  readonly linkExpiresAtMs: number
  readonly linkUsedAtMs: number | null
  readonly mailedAtMs: number | null
  /** `null` until the account was connected. */
  readonly metadata: CalendarMetadata | null
}

export interface SubaccountView {
  readonly row: SubaccountConnector
  /** Of the calendar that was connected last. */
  readonly metadata: CalendarMetadata | null
  readonly calendars: readonly CalendarView[]
}

export async function viewOfSubaccount(
  tx: ScopedTx,
  ports: CalendarTaskPorts,
  row: SubaccountConnector,
): Promise<SubaccountView> {
  const views: CalendarView[] = []
  for (const calendar of await subaccountCalendars.list(tx, row.id)) {
    const connector = await connectors.get(tx, calendar.connectorId)
    if (connector !== undefined) views.push(await viewOf(tx, ports, calendar, connector))
  }
  const connected = views
    .flatMap(({ metadata }) => (metadata?.isConnected === true ? [metadata] : []))
    .sort((a, b) => a.connectedAt.localeCompare(b.connectedAt))
  return { row, metadata: connected.at(-1) ?? null, calendars: views }
}

/** Not connected any more when the provider ended the grant. */
const ENDED: ReadonlySet<ConnectionStatus> = new Set(['pending', 'reconnect_needed', 'revoked'])

async function viewOf(
  tx: ScopedTx,
  { ring }: CalendarTaskPorts,
  calendar: SubaccountCalendar,
  { status }: Connector,
): Promise<CalendarView> {
  const { id: calendarId, connectorId, linkExpiresAtMs, linkUsedAtMs, mailedAtMs } = calendar
  const invitation = await readFacts(tx, ring, calendar, 'invitation')
  const metadata = await readFacts(tx, ring, calendar, 'metadata')
  const isConnected = metadata?.isConnected === true && !ENDED.has(status)
  return {
    calendarId,
    connectorId,
    status,
    userEmail: invitation?.userEmail ?? null,
    demandedEmail: invitation?.account ?? null,
    linkExpiresAtMs,
    linkUsedAtMs,
    mailedAtMs,
    metadata: metadata === undefined ? null : { ...metadata, isConnected },
  }
}
