/** A connector as its tenant sees it: everything but its credentials. */
import type { Connector, ConnectionStatus } from '../store/index.js'

export interface ConnectorView {
  readonly id: string
  readonly type: string
  readonly displayName: string
  /** Whose it is, of the tenant's own people. */
  readonly subject: string
  readonly authKind: string
  readonly status: ConnectionStatus
  /** `null`: all of the provider's. */
  readonly streams: readonly string[] | null
  /** `null`: only when asked. */
  readonly syncFrequency: string | null
  readonly nextRunAtMs: number | null
  readonly lastSuccessAtMs: number | null
  readonly lastErrorAtMs: number | null
  readonly lastErrorCode: string | null
  readonly consecutiveFailures: number
  /** Counts changes; an entity tag is made of it. */
  readonly version: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export function viewOf(connector: Connector): ConnectorView {
  return {
    id: connector.id,
    type: connector.type,
    displayName: connector.displayName,
    subject: connector.subject,
    authKind: connector.authKind,
    status: connector.status,
    streams: connector.streams,
    syncFrequency: connector.syncFrequency,
    nextRunAtMs: connector.nextRunAtMs,
    lastSuccessAtMs: connector.lastSuccessAtMs,
    lastErrorAtMs: connector.lastErrorAtMs,
    lastErrorCode: connector.lastErrorCode,
    consecutiveFailures: connector.consecutiveFailures,
    version: connector.version,
    createdAtMs: connector.createdAtMs,
    updatedAtMs: connector.updatedAtMs,
  }
}
