/** Calendars that people connect for a tenant's subaccounts by invitation; the one entry for surfaces and the composition root. */
import type { Caller } from '../connectors/index.js'
import { calendarOutbox, type CalendarTurn, type ScopedTx } from '../store/index.js'
import { disconnect, type Disconnected } from './disconnect.js'
import { invite, resend, type Invited, type InviteRequest } from './invite.js'
import { followLink } from './link.js'
import { mailInvitation } from './mail-invitation.js'
import type { CalendarPorts, CalendarTaskPorts } from './ports.js'
import { setMetadata } from './set-metadata.js'
import { viewOfSubaccount, type SubaccountView } from './show.js'
import { addedConnector, addToSubaccount, type SubaccountConfig } from './subaccount.js'

export type { Disconnected } from './disconnect.js'
export type { Invited, InviteRequest } from './invite.js'
export { INVITATION_PATH } from './link.js'
export { noteConnected } from './note-connected.js'
export { CALENDAR, type CalendarPorts, type CalendarTaskPorts } from './ports.js'
export type { CalendarMetadata } from './sealed-facts.js'
export type { CalendarView, SubaccountView } from './show.js'
export type { SubaccountConfig } from './subaccount.js'

/** Another tenant's subaccount is CONNECTOR_NOT_ADDED, exactly as one that never was. */
export interface Calendars {
  /** @throws NodeError REQUEST_INVALID */
  add(
    caller: Caller,
    subaccountId: string,
    config?: SubaccountConfig,
  ): Promise<{ readonly view: SubaccountView; readonly isNew: boolean }>
  get(caller: Caller, subaccountId: string): Promise<SubaccountView>
  /** @throws NodeError CONNECTOR_NOT_ADDED, PROVIDER_NOT_CONFIGURED, LIMIT_REACHED */
  invite(caller: Caller, request: InviteRequest): Promise<Invited>
  /** A new link for who did not use the one before. @throws NodeError INVITATION_UNKNOWN, INVITATION_USED */
  resend(caller: Caller, request: Pick<InviteRequest, 'subaccountId' | 'userEmail'>): Promise<Invited>
  /** One of them, or all. */
  disconnect(caller: Caller, subaccountId: string, calendarId?: string): Promise<readonly Disconnected[]>
  /** Where a browser that came by a link goes on. @throws NodeError INVITATION_UNKNOWN, INVITATION_USED, INVITATION_EXPIRED */
  follow(secret: string): Promise<string>
}

export function createCalendars(ports: CalendarPorts): Calendars {
  const { store } = ports
  return {
    async add(caller, subaccountId, config) {
      const { row, isNew } = await addToSubaccount(ports, caller, subaccountId, config)
      return { view: await store.tenant(caller.tenant, (tx) => viewOfSubaccount(tx, ports, row)), isNew }
    },
    async get(caller, subaccountId) {
      const row = await addedConnector(ports, caller, subaccountId)
      return store.tenant(caller.tenant, (tx) => viewOfSubaccount(tx, ports, row))
    },
    invite: (caller, request) => invite(ports, caller, request),
    resend: (caller, request) => resend(ports, caller, request),
    disconnect: (caller, subaccountId, calendarId) => disconnect(ports, caller, subaccountId, calendarId),
    follow: (secret) => followLink(ports, secret),
  }
}

/** What the job queue does for calendars: it asks what is due, and has it done. */
export interface CalendarWork {
  claimDue(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly CalendarTask[]>
  run(task: Pick<CalendarTask, 'id' | 'tenant'>, signal: AbortSignal): Promise<void>
}

export interface CalendarTask {
  readonly id: string
  readonly tenant: string
  readonly group: string
}

const tasks = (rows: readonly CalendarTurn[]): readonly CalendarTask[] =>
  rows.map(({ id, tenant }) => ({ id, tenant, group: tenant }))

export function metadataWork(ports: CalendarTaskPorts): CalendarWork {
  return {
    claimDue: async (tx, nowMs, limit) => tasks(await calendarOutbox.claimDue(tx, 'metadata', nowMs, limit)),
    run: (task) => setMetadata(ports, task),
  }
}

export function mailWork(ports: CalendarTaskPorts): CalendarWork {
  return {
    // What waits for mail stays, for a process that can send.
    claimDue: async (tx, nowMs, limit) =>
      ports.mailer === undefined ? [] : tasks(await calendarOutbox.claimDue(tx, 'mail', nowMs, limit)),
    async run(task, signal) {
      await mailInvitation(ports, task, signal)
    },
  }
}
