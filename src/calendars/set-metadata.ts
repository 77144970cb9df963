/** Sets what a subaccount's connector says of a connected calendar. Reads everything anew: twice does no harm, and the last word is right. */
import { toNodeError } from '../errors.js'
import { openAccount } from '../connectors/index.js'
import {
  calendarOutbox,
  connectorCredentials,
  subaccountCalendars,
  subaccountConnectors,
  type CalendarTurn,
  type ScopedTx,
} from '../store/index.js'
import { auditCalendar, type CalendarTaskPorts } from './ports.js'
import { putFacts, readFacts } from './sealed-facts.js'

const SECOND_MS = 1_000
const MOST_WAIT_MS = 10 * 60 * SECOND_MS

/** What fails is tried again, for as long as it takes. @throws NodeError STORE_UNAVAILABLE */
export async function setMetadata(
  ports: CalendarTaskPorts,
  { tenant, id }: Pick<CalendarTurn, 'tenant' | 'id'>,
): Promise<void> {
  const { store, clock, log } = ports
  const turn = await store.tenant(tenant, (tx) => calendarOutbox.get(tx, id))
  if (turn === undefined) return
  const error = await store
    .tenant(tenant, async (tx) => {
      await write(tx, ports, turn)
      await calendarOutbox.remove(tx, id)
    })
    .then(() => undefined, toNodeError)
  if (error === undefined) return
  log.warn('calendar.failed', { calendarId: turn.calendarId, tries: turn.tries + 1, error })
  const waitMs = Math.min(SECOND_MS * 2 ** turn.tries, MOST_WAIT_MS)
  const facts = { tries: turn.tries + 1, nextTryAtMs: clock.now() + waitMs, lastErrorCode: error.code }
  await store.tenant(tenant, (tx) => calendarOutbox.putOff(tx, id, facts))
}

async function write(
  tx: ScopedTx,
  { ring, clock, log }: CalendarTaskPorts,
  { tenant, calendarId }: CalendarTurn,
): Promise<void> {
  const calendar = await subaccountCalendars.get(tx, calendarId)
  // Disconnected meanwhile: there is nothing to say.
  const connectedAtMs = calendar?.connectedAtMs ?? null
  if (calendar === undefined || connectedAtMs === null) return
  const { connectorId } = calendar
  const sealed = await connectorCredentials.get(tx, connectorId, 'account')
  const invitation = await readFacts(tx, ring, calendar, 'invitation')
  if (sealed === undefined || invitation === undefined) return
  const account = openAccount(ring, { tenant, id: connectorId }, sealed.sealed)
  const nowMs = clock.now()
  const facts = {
    calendarId,
    userEmail: invitation.userEmail,
    googleEmail: account.username ?? account.name,
    connectedAt: new Date(connectedAtMs).toISOString(),
    isConnected: true,
    updatedAt: new Date(nowMs).toISOString(),
  }
  await putFacts(tx, ring, calendar, { field: 'metadata', facts, nowMs })
  await subaccountConnectors.touch(tx, calendar.subaccountConnectorId, nowMs)
  const subject = `connector:${connectorId}`
  await auditCalendar(tx, { tenant, actor: 'node', action: 'calendar.metadata_set', subject, nowMs })
  log.info('calendar.connected', { calendarId })
}
