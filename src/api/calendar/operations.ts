/** Calendars of subaccounts as documents and clients see them. */
import { z } from 'zod'
import type { Operations } from '../openapi/operation.js'
import { envelopeOf } from '../openapi/shapes.js'
import {
  addBody,
  disconnected,
  inviteBody,
  invited,
  resendBody,
  subaccountConnector,
} from './calendar-json.js'

const subaccountParam = z.object({
  id: z
    .string()
    .meta({ description: 'The subaccount: a unit of the tenant’s own.', example: '68cf05f060d2' }),
})
const shown = { tag: 'Calendars', proof: 'tenant', params: subaccountParam } as const
const writes = { ...shown, scope: 'connectors:write' } as const
const made = {
  200: { description: 'The link, and whether it was mailed.', body: envelopeOf(invited) },
} as const
const connector = envelopeOf(subaccountConnector)
const inviting = [
  'CONNECTOR_NOT_ADDED',
  'PROVIDER_NOT_CONFIGURED',
  'LIMIT_REACHED',
  'IDEMPOTENCY_CONFLICT',
] as const

export const calendarOperations = {
  addCalendarConnector: {
    ...writes,
    method: 'post',
    path: '/api/connectors/{id}',
    summary: 'Adds the calendar connector to a subaccount',
    body: addBody.optional(),
    idempotent: true,
    answers: {
      200: { description: 'It was there.', body: connector },
      201: { description: 'Added.', body: connector },
    },
    errors: ['IDEMPOTENCY_CONFLICT'],
  },
  inviteToCalendar: {
    ...writes,
    method: 'post',
    path: '/api/connectors/{id}/handlegooglecalendar',
    summary: 'Makes a link to connect a Google calendar, and mails it',
    body: inviteBody,
    idempotent: true,
    answers: made,
    errors: inviting,
  },
  resendCalendarInvitation: {
    ...writes,
    method: 'post',
    path: '/api/connectors/{id}/handlegooglecalendar/resend',
    summary: 'Mails a new link in the place of one that was not used',
    body: resendBody,
    idempotent: true,
    answers: made,
    errors: ['CONNECTOR_NOT_ADDED', 'INVITATION_UNKNOWN', 'INVITATION_USED', 'IDEMPOTENCY_CONFLICT'],
  },
  connectCalendarForService: {
    ...shown,
    proof: 'service',
    scope: 'calendar:connect',
    method: 'post',
    path: '/api/google/{id}/connect',
    summary: 'The same for services, by a service token only',
    body: inviteBody,
    idempotent: true,
    answers: made,
    errors: inviting,
  },
  getSubaccountCalendar: {
    ...shown,
    scope: 'connectors:read',
    method: 'get',
    path: '/api/connectors/{id}/google-calendar',
    summary: 'The connector of a subaccount: its metadata and its calendars',
    answers: { 200: { description: 'As it is now.', body: connector } },
    errors: ['CONNECTOR_NOT_ADDED'],
  },
  disconnectSubaccountCalendar: {
    ...writes,
    method: 'delete',
    path: '/api/connectors/{id}/google-calendar',
    summary: 'Revokes and erases the calendars of a subaccount, or one of them',
    query: z.object({ calendarId: z.string().optional() }),
    answers: { 200: { description: 'Ended.', body: envelopeOf(disconnected) } },
    errors: ['CONNECTOR_NOT_ADDED', 'CALENDAR_UNKNOWN'],
  },
  followInvitation: {
    method: 'get',
    tag: 'Calendars',
    proof: 'browser',
    path: '/v1/invitations/start',
    summary: 'Where the link in a mail leads: on to the sign-in',
    query: z.object({ ticket: z.string() }),
    answers: { 302: { description: 'To the sign-in.', type: 'none' } },
    errors: ['INVITATION_UNKNOWN', 'INVITATION_USED', 'INVITATION_EXPIRED', 'PROVIDER_NOT_CONFIGURED'],
  },
} as const satisfies Operations
