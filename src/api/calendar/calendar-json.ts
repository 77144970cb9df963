/** Calendars of subaccounts as applications send and see them: the shapes that validate, and what is shown. */
import { z } from 'zod'
import { CALENDAR, type Disconnected, type Invited, type SubaccountView } from '../../calendars/index.js'
import { isMailAddress } from '../../lib/mail-address.js'
import { maybeTime, timestamp } from '../openapi/shapes.js'

const address = z
  .string()
  .refine(isMailAddress, 'must be an address such as ann@app.example')
  .meta({ example: 'user@example.com' })

const config = z.strictObject({
  syncFrequency: z.string().max(200).nullable().optional(),
  streams: z.array(z.string().max(100)).max(50).nullable().optional(),
})

export const addBody = z.strictObject({
  connectorId: z.literal(CALENDAR).optional(),
  connectorType: z.literal('calendar').optional(),
  config: config.optional().meta({ description: 'How each calendar of the subaccount is synced.' }),
})

export const inviteBody = z.strictObject({
  userEmail: address.meta({ description: 'Who is invited.' }),
  sendEmail: z.boolean().optional().meta({ description: 'Default: true.' }),
  googleEmail: address.optional().meta({ description: 'The only account that may be connected.' }),
  newCalendar: z
    .boolean()
    .optional()
    .meta({ description: 'One more calendar, instead of a new link to the one that this address has.' }),
})

export const resendBody = z.strictObject({ userEmail: address })

export const invited = z.strictObject({
  authUrl: z.url(),
  userEmail: z.string(),
  subaccountId: z.string(),
  emailSent: z.boolean().meta({ description: 'The mail server has taken it. Otherwise it is tried again.' }),
})

const connected = z.strictObject({
  calendarId: z.string(),
  userEmail: z.string(),
  googleEmail: z.string(),
  connectedAt: timestamp,
  isConnected: z.boolean(),
  updatedAt: timestamp,
})

export const subaccountConnector = z.strictObject({
  id: z.string(),
  subaccountId: z.string(),
  connectorId: z.literal(CALENDAR),
  connectorType: z.literal('calendar'),
  config,
  metadata: z
    .union([connected, z.strictObject({ isConnected: z.literal(false) })])
    .meta({ description: 'Of the calendar that was connected last.' }),
  calendars: z.array(
    z.strictObject({
      calendarId: z.string(),
      connectorId: z.string().meta({ description: 'At /v1/connectors.' }),
      status: z.string(),
      userEmail: z.string().nullable(),
      demandedEmail: z.string().nullable(),
      linkExpiresAt: timestamp,
      linkUsedAt: maybeTime,
      mailedAt: maybeTime,
      metadata: connected.nullable(),
    }),
  ),
  isActive: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
})

export const disconnected = z.strictObject({
  subaccountId: z.string(),
  isConnected: z.boolean().meta({ description: 'Whether another calendar is left.' }),
  calendars: z.array(
    z.strictObject({
      calendarId: z.string(),
      revoked: z.boolean(),
      reason: z.string().optional().meta({ description: 'Why the provider did not revoke it.' }),
      erasedRecords: z.number(),
    }),
  ),
})

const time = (ms: number): string => new Date(ms).toISOString()
const timeOrNull = (ms: number | null): string | null => (ms === null ? null : time(ms))

export function subaccountJson({ row, metadata, calendars }: SubaccountView): object {
  const { id, subaccountId, provider, config, isActive, createdAtMs, updatedAtMs } = row
  return {
    id,
    subaccountId,
    connectorId: provider,
    connectorType: 'calendar',
    config,
    metadata: metadata ?? { isConnected: false },
    calendars: calendars.map(({ linkExpiresAtMs, linkUsedAtMs, mailedAtMs, ...shown }) => ({
      ...shown,
      linkExpiresAt: time(linkExpiresAtMs),
      linkUsedAt: timeOrNull(linkUsedAtMs),
      mailedAt: timeOrNull(mailedAtMs),
    })),
    isActive,
    createdAt: time(createdAtMs),
    updatedAt: time(updatedAtMs),
  }
}

/** Never says that a mail was sent which was not. */
export const invitedMessage = ({ userEmail, emailSent }: Invited, wished: boolean): string =>
  emailSent
    ? `Authorization link sent to ${userEmail}`
    : `Authorization link made for ${userEmail}; ${wished ? 'the mail was not sent' : 'no mail was asked for'}`

export const disconnectedJson = (
  subaccountId: string,
  calendars: readonly Disconnected[],
  { metadata }: SubaccountView,
): object => ({ subaccountId, isConnected: metadata !== null, calendars })
