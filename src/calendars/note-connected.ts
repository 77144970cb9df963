/** What a connected account means for a calendar: in the transaction that keeps its tokens, so that neither is there without the other. */
import type { OnConnected } from '../connectors/index.js'
import { NodeError } from '../errors.js'
import { isSameMailbox } from '../lib/mail-address.js'
import { calendarOutbox, subaccountCalendars } from '../store/index.js'
import type { CalendarTaskPorts } from './ports.js'
import { readFacts } from './sealed-facts.js'

/**
 * The calendar is connected and its link used up; its metadata is set later, from the outbox: nobody waits for it.
 * @throws NodeError ADDRESS_DIFFERS: another account was demanded; both are named to the person
 */
export const noteConnected =
  ({ ring }: Pick<CalendarTaskPorts, 'ring'>): OnConnected =>
  async (tx, { connector, account, nowMs }) => {
    const calendar = await subaccountCalendars.ofConnector(tx, connector.id)
    if (calendar === undefined) return
    const invitation = await readFacts(tx, ring, calendar, 'invitation')
    const demanded = invitation?.account ?? undefined
    const chosen = account.username ?? account.name
    if (demanded !== undefined && !isSameMailbox(demanded, chosen))
      throw new NodeError('ADDRESS_DIFFERS', {
        fields: [{ path: 'account', message: `You signed in as ${chosen}. ${demanded} was asked for.` }],
      })
    await subaccountCalendars.markConnected(tx, calendar.id, nowMs)
    const { tenant, id: calendarId } = calendar
    await calendarOutbox.put(tx, { tenant, calendarId, kind: 'metadata', nextTryAtMs: nowMs, nowMs })
  }
