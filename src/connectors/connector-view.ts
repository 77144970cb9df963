/** A connector as its tenant sees it: everything but its credentials. */
import { backfillOf, type Backfill } from './backfill.js'
import { fileContentOf } from './file-content.js'
import { shownFields } from './connected-by.js'
import type { Connector, ConnectionStatus } from '../store/index.js'

export interface ConnectorView {
  readonly id: string
  readonly type: string
  readonly displayName: string
  /** Whose it is, of the tenant's own people. */
  readonly subject: string
  readonly authKind: string
  /** What was entered or told, without secrets. */
  readonly fields: Readonly<Record<string, string>>
  readonly status: ConnectionStatus
  readonly destination: 'tables' | 'vault'
  /** With `vault`: whose the records are. */
  readonly ownerDid: string | null
  /** `null`: all of the provider's. */
  readonly streams: readonly string[] | null
  /** `null`: only when asked. */
  readonly syncFrequency: string | null
  /** How far back the first reading goes; `null`: to the beginning. */
  readonly backfill: Backfill | null
  /** Contents of files up to this size are copied too; `null`: none. */
  readonly fileContentMaxBytes: number | null
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
    fields: shownFields(connector),
    status: connector.status,
    destination: connector.destination,
    ownerDid: connector.ownerDid,
    streams: connector.streams,
    syncFrequency: connector.syncFrequency,
    backfill: backfillOf(connector) ?? null,
    fileContentMaxBytes: fileContentOf(connector)?.maxBytes ?? null,
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
