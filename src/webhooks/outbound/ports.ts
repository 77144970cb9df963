/** What webhooks stand on; given by the composition root. */
import type { KeyRing } from '../../credentials/key-ring.js'
import type { JsonObject } from '../../lib/canonical-json.js'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Network } from '../../outbound/index.js'
import { auditLog, type ScopedTx, type Store } from '../../store/index.js'

export interface WebhookPorts {
  readonly store: Store
  readonly ring: KeyRing
  readonly clock: Clock
  readonly log: Log
  /** Origins that need be neither https nor public: the operator's word, for development. */
  readonly allowOrigins: readonly string[]
  /** Default: the system's. */
  readonly network?: Network | undefined
  /** From 0 to 1. Default: by chance. */
  readonly random?: () => number
  /** What a receiver has for one try. Default: 15 s. */
  readonly timeMs?: number
}

/** Who asks. */
export interface WebhookCaller {
  readonly tenant: string
  /** For the audit log. */
  readonly actor: string
}

export type WebhookAction =
  | 'webhook.created'
  | 'webhook.updated'
  | 'webhook.deleted'
  | 'webhook.secret_rotated'
  | 'webhook.replayed'
  | 'webhook.disabled'

export interface WebhookAudit extends WebhookCaller {
  readonly action: WebhookAction
  readonly webhookId: string
  readonly facts?: JsonObject
  readonly nowMs: number
}

/** In the transaction of what it tells of. */
export async function auditWebhook(tx: ScopedTx, entry: WebhookAudit): Promise<void> {
  const { tenant, actor, action, webhookId, facts = {}, nowMs } = entry
  await auditLog.append(tx, { tenant, actor, action, subject: `webhook:${webhookId}`, facts, nowMs })
}
