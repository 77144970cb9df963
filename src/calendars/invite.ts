/** An invitation: a calendar that waits for its account, a link to connect it, and the mail with the link. */
import type { Caller } from '../connectors/index.js'
import { NodeError } from '../errors.js'
import { isSameMailbox } from '../lib/mail-address.js'
import {
  calendarOutbox,
  subaccountCalendars,
  subaccountConnectors,
  type ScopedTx,
  type SubaccountCalendar,
  type SubaccountConnector,
} from '../store/index.js'
import { linkHashOf, linkOf, newLinkSecret } from './link.js'
import { FIRST_RETRY_MS, mailInvitation } from './mail-invitation.js'
import { auditCalendar, CALENDAR, type CalendarPorts } from './ports.js'
import { putFacts, readFacts, type Invitation } from './sealed-facts.js'
import { addedConnector, configOf } from './subaccount.js'

export interface InviteRequest {
  readonly subaccountId: string
  /** Who is invited; of a plain form. */
  readonly userEmail: string
  /** The only account that may be connected. Default: any. */
  readonly googleEmail?: string | undefined
  /** One more for somebody who was invited before. */
  readonly newCalendar?: boolean | undefined
  /** Default: true. */
  readonly sendEmail?: boolean | undefined
}

export interface Invited {
  readonly authUrl: string
  readonly userEmail: string
  readonly subaccountId: string
  /** The mail server has taken it. */
  readonly emailSent: boolean
}

/** A calendar with what was said to its person. */
interface Known {
  readonly calendar: SubaccountCalendar
  readonly invitation: Invitation
}

/**
 * Who was invited before is invited to the same calendar again, and the link before is good no more.
 * @throws NodeError REQUEST_INVALID, CONNECTOR_NOT_ADDED, PROVIDER_NOT_CONFIGURED, LIMIT_REACHED
 */
export async function invite(ports: CalendarPorts, caller: Caller, request: InviteRequest): Promise<Invited> {
  const { subaccountId, userEmail, googleEmail, newCalendar = false, sendEmail = true } = request
  const added = await addedConnector(ports, caller, subaccountId)
  const before = newCalendar ? undefined : (await knownFor(ports, added, userEmail)).at(-1)
  const connectorId = before?.calendar.connectorId ?? (await newConnector(ports, caller, added))
  const account = googleEmail ?? null
  return send(ports, caller, { added, before, connectorId, userEmail, account, sendEmail })
}

/** @throws NodeError CONNECTOR_NOT_ADDED, INVITATION_UNKNOWN, INVITATION_USED */
export async function resend(
  ports: CalendarPorts,
  caller: Caller,
  { subaccountId, userEmail }: Pick<InviteRequest, 'subaccountId' | 'userEmail'>,
): Promise<Invited> {
  const added = await addedConnector(ports, caller, subaccountId)
  const all = await knownFor(ports, added, userEmail)
  const before = all.findLast(({ calendar }) => calendar.linkUsedAtMs === null)
  if (before === undefined) throw new NodeError(all.length > 0 ? 'INVITATION_USED' : 'INVITATION_UNKNOWN')
  const { connectorId } = before.calendar
  const { account } = before.invitation
  return send(ports, caller, { added, before, connectorId, userEmail, account, sendEmail: true })
}

/** Calendars to which this address was invited, oldest first. */
async function knownFor(
  { store, ring }: CalendarPorts,
  { id, tenant }: SubaccountConnector,
  userEmail: string,
): Promise<readonly Known[]> {
  return store.tenant(tenant, async (tx) => {
    const known: Known[] = []
    for (const calendar of await subaccountCalendars.list(tx, id)) {
      const invitation = await readFacts(tx, ring, calendar, 'invitation')
      if (invitation !== undefined && isSameMailbox(invitation.userEmail, userEmail))
        known.push({ calendar, invitation })
    }
    return known
  })
}

async function newConnector(
  { connectors }: CalendarPorts,
  caller: Caller,
  added: SubaccountConnector,
): Promise<string> {
  const { syncFrequency, streams } = configOf(added)
  const owner = { ...caller, subject: added.subaccountId }
  const { id } = await connectors.create(owner, { type: CALENDAR, syncFrequency, streams })
  return id
}

interface Sending {
  readonly added: SubaccountConnector
  readonly before: Known | undefined
  readonly connectorId: string
  readonly userEmail: string
  readonly account: string | null
  readonly sendEmail: boolean
}

async function send(ports: CalendarPorts, caller: Caller, sending: Sending): Promise<Invited> {
  const { store, publicUrl } = ports
  const { userEmail, added } = sending
  const secret = newLinkSecret()
  const turnId = await store.tenant(caller.tenant, (tx) => write(tx, ports, caller, { ...sending, secret }))
  const emailSent =
    turnId !== undefined && (await mailInvitation(ports, { tenant: caller.tenant, id: turnId }))
  return { authUrl: linkOf(publicUrl, secret), userEmail, subaccountId: added.subaccountId, emailSent }
}

/** Gives the turn of its mail, when there is to be one: kept first, so that it is sent even if this process dies now. */
async function write(
  tx: ScopedTx,
  { ring, clock, linkMs, mailer }: CalendarPorts,
  { tenant, actor }: Caller,
  {
    added,
    before,
    connectorId,
    userEmail,
    account,
    sendEmail,
    secret,
  }: Sending & { readonly secret: string },
): Promise<string | undefined> {
  const nowMs = clock.now()
  const link = { linkHash: linkHashOf(secret), linkExpiresAtMs: nowMs + linkMs, nowMs }
  const calendar =
    before === undefined
      ? await subaccountCalendars.create(tx, {
          ...link,
          tenant,
          connectorId,
          subaccountConnectorId: added.id,
        })
      : await subaccountCalendars.renewLink(tx, before.calendar.id, link)
  if (calendar === undefined)
    throw new NodeError('INVITATION_UNKNOWN', { detail: 'it was just disconnected' })
  const facts = { userEmail, account, secret }
  await putFacts(tx, ring, calendar, { field: 'invitation', facts, nowMs })
  await subaccountConnectors.touch(tx, added.id, nowMs)
  const entry = { tenant, actor, action: 'calendar.invited', subject: `connector:${connectorId}` } as const
  await auditCalendar(tx, { ...entry, facts: { again: before !== undefined }, nowMs })
  const turn = { tenant, calendarId: calendar.id, kind: 'mail', nextTryAtMs: nowMs + FIRST_RETRY_MS } as const
  if (sendEmail && mailer !== undefined) return calendarOutbox.put(tx, { ...turn, nowMs })
  await calendarOutbox.cancel(tx, calendar.id, 'mail')
  return undefined
}
