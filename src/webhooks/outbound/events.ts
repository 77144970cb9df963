/** What tenants' applications are told, and the telling: in the transaction of what happened, so that neither is there without the other. */
import { randomUUID } from 'node:crypto'
import type { ErrorCode } from '../../errors.js'
import { webhookEvents, type Connector, type ScopedTx } from '../../store/index.js'

export const EVENT_TYPES = [
  'connection.created',
  'connection.reconnect_needed',
  'connection.deleted',
  'sync.completed',
  'sync.failed',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** Sent when asked for, to whom it was asked for, and not to be subscribed to. */
export const TEST_EVENT = 'webhook.test'

/** What each event says beside its connector. Never a credential, a record, or the name of an account. */
interface EventFacts {
  readonly 'connection.created': { readonly subject: string }
  readonly 'connection.reconnect_needed': { readonly reason: ErrorCode }
  readonly 'connection.deleted': {
    readonly revoked: boolean
    readonly revoke_error: string | null
    readonly erased_records: number
  }
  readonly 'sync.completed': {
    readonly sync_id: string
    readonly counts: Readonly<Record<string, number>>
    /** More is waiting at the provider. */
    readonly more: boolean
    /** Not applied until they are confirmed. */
    readonly suspected_deletes: readonly {
      readonly stream: string
      readonly missing: number
      readonly known: number
    }[]
  }
  readonly 'sync.failed': {
    readonly sync_id: string
    readonly error: { readonly code: ErrorCode; readonly message: string }
    readonly consecutive_failures: number
  }
}

export interface EventOf<T extends EventType> {
  readonly type: T
  readonly connector: Pick<Connector, 'id' | 'tenant' | 'type'>
  readonly facts: EventFacts[T]
  readonly nowMs: number
}

export async function tellEvent<T extends EventType>(tx: ScopedTx, event: EventOf<T>): Promise<void> {
  const { type, connector, facts, nowMs } = event
  const data = { connector_id: connector.id, connector_type: connector.type, ...facts }
  const payload = payloadOf(type, nowMs, data)
  await webhookEvents.tell(tx, { id: newEventId(), tenant: connector.tenant, type, payload, nowMs })
}

/** No dot: it stands between the parts of what is signed. */
export const newEventId = (): string => `msg_${randomUUID().replaceAll('-', '')}`

export const payloadOf = (type: string, nowMs: number, data: object): string =>
  JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data })
