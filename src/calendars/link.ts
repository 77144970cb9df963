/** The link of an invitation: long to guess, known here by its hash, good until its account is connected, a newer one is made, or its time is over. */
import { randomBytes } from 'node:crypto'
import { NodeError } from '../errors.js'
import { sha256 } from '../lib/keyed-hash.js'
import { subaccountCalendars } from '../store/index.js'
import { CALENDAR, type CalendarPorts } from './ports.js'

/** Below PUBLIC_URL. */
export const INVITATION_PATH = '/v1/invitations/start'

export const newLinkSecret = (): string => randomBytes(32).toString('base64url')

export const linkHashOf = (secret: string): string => sha256(secret).toString('hex')

export const linkOf = (publicUrl: string, secret: string): string =>
  `${publicUrl.replace(/\/$/, '')}${INVITATION_PATH}?ticket=${secret}`

/**
 * Where the person's browser goes on: by a ticket of ten minutes to the provider. The link stays good: what looks into
 * mails follows links too, and a person may turn back at the provider and come again.
 * @throws NodeError INVITATION_UNKNOWN, INVITATION_USED, INVITATION_EXPIRED, PROVIDER_NOT_CONFIGURED
 */
export async function followLink(ports: CalendarPorts, secret: string): Promise<string> {
  const { store, clock, connectors } = ports
  const calendar = await store.node((tx) => subaccountCalendars.byLink(tx, linkHashOf(secret)))
  if (calendar === undefined) throw new NodeError('INVITATION_UNKNOWN')
  if (calendar.linkUsedAtMs !== null) throw new NodeError('INVITATION_USED')
  if (calendar.linkExpiresAtMs <= clock.now()) throw new NodeError('INVITATION_EXPIRED')
  const guest = { tenant: calendar.tenant, subject: 'invitation', actor: `invitation:${calendar.id}` }
  const { url } = await connectors.authorize(guest, { type: CALENDAR, connectorId: calendar.connectorId })
  return url
}
