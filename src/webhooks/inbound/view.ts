/** A registration as its tenant sees it: with its address, without its secrets. */
import type { Redacted } from '../../lib/redacted.js'
import type { InboundWebhookRow } from '../../store/index.js'
import type { InboundPorts } from './ports.js'
import { openRegistration } from './registration-box.js'

export interface InboundWebhook {
  readonly id: string
  readonly connectorId: string
  readonly provider: string
  readonly status: InboundWebhookRow['status']
  /** Where the service delivers; unguessable. */
  readonly url: string
  /** Whose changes are told. */
  readonly streams: readonly string[]
  /** Renewed before it. */
  readonly expiresAtMs: number | null
  readonly lastDeliveryAtMs: number | null
  readonly lastErrorCode: string | null
  readonly createdAtMs: number
}

export interface RegisteredWebhook extends InboundWebhook {
  /** `false`: it was there already. */
  readonly isNew: boolean
  /** Where somebody has to enter it at the service by hand: shown once, with what to do. */
  readonly secret?: Redacted
  readonly setup?: string
}

export interface RemovedWebhook {
  /** Whether the service has ended it, or never had one. */
  readonly removed: boolean
  /** Why it has not; deliveries to its address are refused in any case. */
  readonly reason?: string
}

export const addressOf = (publicUrl: string, provider: string, path: string): string =>
  `${publicUrl}/webhooks/in/${encodeURIComponent(provider)}/${path}`

/** @throws NodeError SEAL_FAILED */
export function viewOf(
  { ring, publicUrl }: Pick<InboundPorts, 'ring' | 'publicUrl'>,
  row: InboundWebhookRow,
): InboundWebhook {
  const { id, connectorId, provider, status, streams, createdAtMs } = row
  const { expiresAtMs, lastDeliveryAtMs, lastErrorCode } = row
  const url = addressOf(publicUrl, provider, openRegistration(ring, row).path)
  return {
    id,
    connectorId,
    provider,
    status,
    url,
    streams,
    expiresAtMs,
    lastDeliveryAtMs,
    lastErrorCode,
    createdAtMs,
  }
}
