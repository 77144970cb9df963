/** What calendars of subaccounts stand on; given by the composition root. */
import type { Caller, Connectors } from '../connectors/index.js'
import type { KeyRing } from '../credentials/key-ring.js'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Mailer } from '../mail/index.js'
import type { Catalog } from '../provider/index.js'
import { auditLog, type ScopedTx, type Store } from '../store/index.js'

export interface CalendarTaskPorts {
  readonly store: Store
  readonly ring: KeyRing
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Log
  /** Where people reach the node. */
  readonly publicUrl: string
  /** Missing: no mail is sent. */
  readonly mailer?: Mailer | undefined
}

export interface CalendarPorts extends CalendarTaskPorts {
  readonly connectors: Connectors
  /** How long a link is good. */
  readonly linkMs: number
  /** When a frequency is due after a time. @throws NodeError REQUEST_INVALID */
  readonly nextRun: (frequency: string, afterMs: number) => number
}

/** The stable id that applications know it by. */
export const CALENDAR = 'google-calendar'

export type CalendarAction =
  | 'calendar.added'
  | 'calendar.invited'
  | 'calendar.mailed'
  | 'calendar.not_mailed'
  | 'calendar.metadata_set'
  | 'calendar.disconnected'

export interface CalendarAudit extends Pick<Caller, 'tenant' | 'actor'> {
  readonly action: CalendarAction
  /** `connector:<id>`, or `subaccount:<id>`. */
  readonly subject: string
  readonly facts?: JsonObject
  readonly nowMs: number
}

/** In the transaction of what it tells of; no address of a person is told. */
export async function auditCalendar(tx: ScopedTx, { facts = {}, ...entry }: CalendarAudit): Promise<void> {
  await auditLog.append(tx, { ...entry, facts })
}
