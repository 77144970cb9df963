/** Webhooks of tenants' applications: kept, told and delivered; the one entry for surfaces and the composition root. */
import { webhookDeliveries, webhooks, type Delivery, type Webhook } from '../../store/index.js'
import type { DeliveryState, ScopedTx } from '../../store/index.js'
import { deliver } from './deliver.js'
import {
  createWebhook,
  known,
  removeWebhook,
  rotateSecret,
  updateWebhook,
  type Rotated,
  type WebhookWishes,
  type WithSecret,
} from './manage.js'
import type { WebhookCaller, WebhookPorts } from './ports.js'
import { replayDelivery, replaySince, sendTest, type Replayed, type ReplayRequest } from './replay.js'

export { EVENT_TYPES, type EventType } from './events.js'
export type { Rotated, WebhookWishes, WithSecret } from './manage.js'
export type { WebhookCaller, WebhookPorts } from './ports.js'
export { KEPT_MS, type Replayed, type ReplayRequest } from './replay.js'
export { resealWebhooks } from './reseal-secrets.js'

interface Place {
  readonly createdAtMs: number
  readonly id: string
}

export interface WebhookPage {
  /** The last one of the page before. */
  readonly after?: Place | undefined
  readonly limit: number
}

export interface DeliveryPage extends WebhookPage {
  readonly state?: DeliveryState | undefined
}

/** Another tenant's webhook is WEBHOOK_UNKNOWN, exactly as one that never was. */
export interface Webhooks {
  /** @throws NodeError REQUEST_INVALID, LIMIT_REACHED */
  create(caller: WebhookCaller, wishes: WebhookWishes & { readonly url: string }): Promise<WithSecret>
  list(caller: WebhookCaller, page: WebhookPage): Promise<readonly Webhook[]>
  get(caller: WebhookCaller, id: string): Promise<Webhook>
  /** @throws NodeError REQUEST_INVALID, WRITE_CONFLICT (not at `expectedVersion`) */
  update(caller: WebhookCaller, id: string, wishes: WebhookWishes, expectedVersion?: number): Promise<Webhook>
  rotate(caller: WebhookCaller, id: string): Promise<Rotated>
  remove(caller: WebhookCaller, id: string): Promise<void>
  /** Newest first. */
  deliveries(caller: WebhookCaller, id: string, page: DeliveryPage): Promise<readonly Delivery[]>
  sendTest(caller: WebhookCaller, id: string): Promise<Delivery>
  replay(caller: WebhookCaller, id: string, deliveryId: string): Promise<Delivery>
  replaySince(caller: WebhookCaller, id: string, request: ReplayRequest): Promise<Replayed>
}

export function createWebhooks(ports: WebhookPorts): Webhooks {
  const { store } = ports
  return {
    create: (caller, wishes) => createWebhook(ports, caller, wishes),
    list: ({ tenant }, page) => store.tenant(tenant, (tx) => webhooks.list(tx, page)),
    get: async ({ tenant }, id) => known(await store.tenant(tenant, (tx) => webhooks.get(tx, id))),
    update: (caller, id, wishes, version) => updateWebhook(ports, caller, id, wishes, version),
    rotate: (caller, id) => rotateSecret(ports, caller, id),
    remove: (caller, id) => removeWebhook(ports, caller, id),
    deliveries: ({ tenant }, id, page) =>
      store.tenant(tenant, async (tx) => {
        known(await webhooks.get(tx, id))
        return webhookDeliveries.list(tx, id, page)
      }),
    sendTest: (caller, id) => sendTest(ports, caller, id),
    replay: (caller, id, deliveryId) => replayDelivery(ports, caller, id, deliveryId),
    replaySince: (caller, id, request) => replaySince(ports, caller, id, request),
  }
}

/** What the job queue does for webhooks: it asks what is due, and has it delivered. */
export interface DeliveryWork {
  claimDue(tx: ScopedTx, nowMs: number, limit: number): Promise<readonly DeliveryTask[]>
  run(task: Pick<DeliveryTask, 'id' | 'tenant'>, signal: AbortSignal): Promise<void>
}

export interface DeliveryTask {
  readonly id: string
  readonly tenant: string
  /** A webhook is called by so many at once only. */
  readonly group: string
}

export function deliveryWork(ports: WebhookPorts): DeliveryWork {
  return {
    claimDue: async (tx, nowMs, limit) =>
      (await webhookDeliveries.claimDue(tx, nowMs, limit)).map(({ id, tenant, webhookId }) => ({
        id,
        tenant,
        group: webhookId,
      })),
    run: (task, signal) => deliver(ports, task, signal),
  }
}
