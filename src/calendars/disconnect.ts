/** The end of a subaccount's calendars, or of one: revoked at the provider, erased here, invitations included; the connector stays added. */
import type { Caller, Removed } from '../connectors/index.js'
import { NodeError } from '../errors.js'
import { subaccountCalendars, subaccountConnectors } from '../store/index.js'
import { auditCalendar, type CalendarPorts } from './ports.js'
import { addedConnector } from './subaccount.js'

export interface Disconnected extends Pick<Removed, 'revoked' | 'reason' | 'erasedRecords'> {
  readonly calendarId: string
}

/** @throws NodeError CONNECTOR_NOT_ADDED, CALENDAR_UNKNOWN, STORAGE_UNREACHABLE: ask again */
export async function disconnect(
  ports: CalendarPorts,
  caller: Caller,
  subaccountId: string,
  calendarId?: string,
): Promise<readonly Disconnected[]> {
  const { store, clock, connectors } = ports
  const { tenant, actor } = caller
  const added = await addedConnector(ports, caller, subaccountId)
  const all = await store.tenant(tenant, (tx) => subaccountCalendars.list(tx, added.id))
  const chosen = calendarId === undefined ? all : all.filter(({ id }) => id === calendarId)
  if (calendarId !== undefined && chosen.length === 0) throw new NodeError('CALENDAR_UNKNOWN')
  const ended: Disconnected[] = []
  for (const { id, connectorId } of chosen) {
    // Its row here goes with it, and so do its invitation and metadata.
    const { revoked, reason, erasedRecords } = await connectors.remove(caller, connectorId)
    ended.push({ calendarId: id, revoked, ...(reason !== undefined && { reason }), erasedRecords })
  }
  const nowMs = clock.now()
  await store.tenant(tenant, async (tx) => {
    await subaccountConnectors.touch(tx, added.id, nowMs)
    const facts = { calendars: ended.length }
    const entry = { tenant, actor, action: 'calendar.disconnected', facts, nowMs } as const
    await auditCalendar(tx, { ...entry, subject: `subaccount:${subaccountId}` })
  })
  return ended
}
