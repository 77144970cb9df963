/** The audit log's entries about connectors: every change and every use of credentials, never a value of one. */
import type { JsonObject } from '../lib/canonical-json.js'
import { auditLog, type ScopedTx } from '../store/index.js'

export type AuditAction =
  | 'connector.created'
  | 'connector.updated'
  | 'connector.connected'
  | 'connector.paused'
  | 'connector.resumed'
  | 'connector.reconnect_needed'
  | 'connector.deleted'
  | 'connector.cursor_set'
  | 'connector.sync_requested'
  | 'connector.authorize_started'
  | 'credentials.stored'
  | 'credentials.used'
  | 'credentials.refreshed'
  | 'credentials.revoked'

export interface AuditFacts {
  readonly tenant: string
  readonly actor: string
  readonly action: AuditAction
  readonly connectorId: string
  readonly facts?: JsonObject
  readonly nowMs: number
}

/** In the transaction of what it tells of: neither is there without the other. */
export async function audit(
  tx: ScopedTx,
  { tenant, actor, action, connectorId, facts = {}, nowMs }: AuditFacts,
): Promise<void> {
  await auditLog.append(tx, {
    tenant,
    actor,
    action,
    subject: `connector:${connectorId}`,
    facts,
    nowMs,
  })
}
