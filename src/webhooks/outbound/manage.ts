/** A tenant's webhooks: made, changed, given a new secret, deleted. Secrets leave once, when they are made. */
import { randomUUID } from 'node:crypto'
import { NodeError } from '../../errors.js'
import type { Redacted } from '../../lib/redacted.js'
import { webhooks, type Webhook, type WebhookChanges } from '../../store/index.js'
import { EVENT_TYPES, type EventType } from './events.js'
import { auditWebhook, type WebhookCaller, type WebhookPorts } from './ports.js'
import { receiverAt } from './receiver-address.js'
import { openSecrets, sealSecrets } from './sealed-secrets.js'
import { newSecret } from './signature.js'

/** What a tenant may say of a webhook; members left out stay as they are, or get their default. */
export interface WebhookWishes {
  readonly url?: string | undefined
  /** Default: all. */
  readonly events?: readonly EventType[] | undefined
  /** Default: true. */
  readonly enabled?: boolean | undefined
  readonly description?: string | undefined
}

export interface WithSecret {
  readonly webhook: Webhook
  readonly secret: Redacted
}

export interface Rotated extends WithSecret {
  /** Until then the one before signs too. */
  readonly oldUntilMs: number
}

export const MOST_WEBHOOKS = 20
/** How long a secret signs on after it was replaced. */
const OVERLAP_MS = 86_400_000

/** @throws NodeError REQUEST_INVALID, LIMIT_REACHED */
export async function createWebhook(
  ports: WebhookPorts,
  { tenant, actor }: WebhookCaller,
  wishes: WebhookWishes & { readonly url: string },
): Promise<WithSecret> {
  const { store, ring, clock } = ports
  const url = checkedUrl(ports, wishes.url)
  const { events = EVENT_TYPES, enabled = true, description = '' } = wishes
  const id = randomUUID()
  const secret = newSecret()
  const nowMs = clock.now()
  const secretsSealed = sealSecrets(ring, { tenant, id }, [{ secret, untilMs: null }])
  const row = { id, tenant, url, events, enabled, description, secretsSealed, nowMs }
  const webhook = await store.tenant(tenant, async (tx) => {
    const made = await webhooks.create(tx, row, MOST_WEBHOOKS)
    if (made === undefined)
      throw new NodeError('LIMIT_REACHED', { detail: `a tenant has at most ${MOST_WEBHOOKS} webhooks` })
    const facts = { host: new URL(url).host, events }
    await auditWebhook(tx, { tenant, actor, action: 'webhook.created', webhookId: id, facts, nowMs })
    return made
  })
  return { webhook, secret }
}

/** @throws NodeError WEBHOOK_UNKNOWN, REQUEST_INVALID, WRITE_CONFLICT (not at `expectedVersion`) */
export async function updateWebhook(
  ports: WebhookPorts,
  { tenant, actor }: WebhookCaller,
  id: string,
  { url, events, enabled, description }: WebhookWishes,
  expectedVersion?: number,
): Promise<Webhook> {
  const nowMs = ports.clock.now()
  const changes: WebhookChanges = {
    ...(url !== undefined && { url: checkedUrl(ports, url) }),
    ...(events !== undefined && { events }),
    ...(enabled !== undefined && { enabled, disabledReason: enabled ? null : 'request' }),
    // A receiver that is said to be there, or is another one, begins without a past.
    ...((enabled === true || url !== undefined) && { failingSinceMs: null, holdUntilMs: null }),
    ...(description !== undefined && { description }),
    nowMs,
  }
  const members = Object.entries({ url, events, enabled, description }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  return ports.store.tenant(tenant, async (tx) => {
    const changed = known(await webhooks.update(tx, id, changes, expectedVersion))
    const facts = { members }
    await auditWebhook(tx, { tenant, actor, action: 'webhook.updated', webhookId: id, facts, nowMs })
    return changed
  })
}

/** @throws NodeError WEBHOOK_UNKNOWN, SEAL_FAILED */
export async function rotateSecret(
  { store, ring, clock }: WebhookPorts,
  { tenant, actor }: WebhookCaller,
  id: string,
): Promise<Rotated> {
  const secret = newSecret()
  const nowMs = clock.now()
  const oldUntilMs = nowMs + OVERLAP_MS
  return store.tenant(tenant, async (tx) => {
    const current = known(await webhooks.lock(tx, id))
    const old = openSecrets(ring, current, nowMs).map((one) => ({
      secret: one.secret,
      untilMs: one.untilMs ?? oldUntilMs,
    }))
    const secretsSealed = sealSecrets(ring, { tenant, id }, [{ secret, untilMs: null }, ...old])
    const webhook = known(await webhooks.update(tx, id, { secretsSealed, nowMs }))
    await auditWebhook(tx, { tenant, actor, action: 'webhook.secret_rotated', webhookId: id, nowMs })
    return { webhook, secret, oldUntilMs }
  })
}

/** With its log. @throws NodeError WEBHOOK_UNKNOWN */
export async function removeWebhook(
  { store, clock }: WebhookPorts,
  { tenant, actor }: WebhookCaller,
  id: string,
): Promise<void> {
  await store.tenant(tenant, async (tx) => {
    if (!(await webhooks.remove(tx, id))) throw new NodeError('WEBHOOK_UNKNOWN')
    const nowMs = clock.now()
    await auditWebhook(tx, { tenant, actor, action: 'webhook.deleted', webhookId: id, nowMs })
  })
}

/** @throws NodeError WEBHOOK_UNKNOWN: never there, deleted, or another tenant's, all alike */
export function known<T>(webhook: T | undefined): T {
  if (webhook === undefined) throw new NodeError('WEBHOOK_UNKNOWN')
  return webhook
}

function checkedUrl({ allowOrigins }: WebhookPorts, text: string): string {
  const receiver = receiverAt(text, allowOrigins)
  if (typeof receiver !== 'string') return receiver.url.href
  throw new NodeError('REQUEST_INVALID', { fields: [{ path: 'url', message: receiver }] })
}
