/** One try to mail an invitation: at once when it is made, and then by the queue until it is sent or its link is over. */
import { askedScopes } from '../credentials/asked-scopes.js'
import { toNodeError } from '../errors.js'
import { writeInvitation, type Mail } from '../mail/index.js'
import {
  calendarOutbox,
  connectors,
  subaccountCalendars,
  type CalendarTurn,
  type Connector,
  type ScopedTx,
  type SubaccountCalendar,
} from '../store/index.js'
import { linkOf } from './link.js'
import { auditCalendar, CALENDAR, type CalendarTaskPorts } from './ports.js'
import { readFacts } from './sealed-facts.js'

const MINUTE_MS = 60_000
const MOST_WAIT_MS = 120 * MINUTE_MS
/** Longer than the first try, which is made at once, has. */
export const FIRST_RETRY_MS = MINUTE_MS

interface Ready {
  readonly turn: CalendarTurn
  readonly calendar: SubaccountCalendar
  readonly mail: Mail
}

/** `false`: not sent, and tried again unless it never can be. @throws the signal's reason; NodeError STORE_UNAVAILABLE, SEAL_FAILED */
export async function mailInvitation(
  ports: CalendarTaskPorts,
  { tenant, id }: Pick<CalendarTurn, 'tenant' | 'id'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const { store, clock, log, mailer } = ports
  const ready = await store.tenant(tenant, (tx) => prepare(tx, ports, id))
  if (ready === undefined || mailer === undefined) return false
  const { turn, calendar, mail } = ready
  const error = await mailer.send(mail, signal).then(() => undefined, toNodeError)
  signal?.throwIfAborted()
  const nowMs = clock.now()
  const subject = `connector:${calendar.connectorId}`
  await store.tenant(tenant, async (tx) => {
    const waitMs = Math.min(MINUTE_MS * 2 ** turn.tries, MOST_WAIT_MS)
    const again = error?.fate === 'retry' && nowMs + waitMs < calendar.linkExpiresAtMs
    if (again) {
      const facts = { tries: turn.tries + 1, nextTryAtMs: nowMs + waitMs, lastErrorCode: error.code }
      return calendarOutbox.putOff(tx, id, facts)
    }
    await calendarOutbox.remove(tx, id)
    if (error === undefined) await subaccountCalendars.markMailed(tx, calendar.linkHash, nowMs)
    const action = error === undefined ? 'calendar.mailed' : 'calendar.not_mailed'
    const facts = error === undefined ? {} : { reason: error.code }
    await auditCalendar(tx, { tenant, actor: 'node', action, subject, facts, nowMs })
  })
  if (error === undefined) log.info('mail.sent', { calendarId: calendar.id })
  else log.warn('mail.failed', { calendarId: calendar.id, error })
  return error === undefined
}

/** `undefined`: there is nothing to send any more. */
async function prepare(tx: ScopedTx, ports: CalendarTaskPorts, id: string): Promise<Ready | undefined> {
  const turn = await calendarOutbox.get(tx, id)
  const calendar = turn && (await subaccountCalendars.get(tx, turn.calendarId))
  if (turn === undefined || calendar === undefined) return undefined
  const connector = await connectors.get(tx, calendar.connectorId)
  const invitation = await readFacts(tx, ports.ring, calendar, 'invitation')
  if (connector === undefined || invitation === undefined) return undefined
  if (calendar.linkUsedAtMs !== null || calendar.linkExpiresAtMs <= ports.clock.now()) {
    await calendarOutbox.remove(tx, id)
    return undefined
  }
  const letter = writeInvitation({
    ...wordsFor(ports, connector),
    link: linkOf(ports.publicUrl, invitation.secret),
    account: invitation.account ?? undefined,
    expiresAtMs: calendar.linkExpiresAtMs,
  })
  const mail = { ...letter, to: invitation.userEmail, id: calendar.linkHash.slice(0, 32) }
  return { turn, calendar, mail }
}

/** What is connected, and why each permission is asked for. */
function wordsFor({ catalog }: CalendarTaskPorts, { streams }: Connector) {
  const provider = catalog.find((one) => one.provider.id === CALENDAR)?.provider
  const auth = provider?.auth[0]
  if (provider === undefined || auth === undefined || !('scopes' in auth))
    return { label: CALENDAR, reasons: [] }
  const scopes = askedScopes(provider, auth, { streams, browse: true })
  return { label: provider.label, reasons: scopes.map((scope) => auth.scopes[scope] ?? scope) }
}
