/** Webhooks over a real store and queue, with a clock that tests set. */
import { randomUUID } from 'node:crypto'
import { createJobs, type Jobs } from '../../src/jobs/index.js'
import { silentLog } from '../../src/lib/log.js'
import { reveal } from '../../src/lib/redacted.js'
import {
  webhookDeliveries,
  webhooks,
  type Connector,
  type Delivery,
  type Store,
  type Webhook,
} from '../../src/store/index.js'
import { tellEvent } from '../../src/webhooks/outbound/events.js'
import {
  createWebhooks,
  deliveryWork,
  type WebhookPorts,
  type Webhooks,
} from '../../src/webhooks/outbound/index.js'
import { testRing } from './connector-bench.js'
import { QUICK } from './job-bench.js'
import type { Receiver } from './webhook-receiver.js'

export const DAY = 86_400_000

export interface WebhookBench {
  readonly store: Store
  readonly ports: WebhookPorts
  readonly hooks: Webhooks
  readonly clock: { now(): number; add(ms: number): void }
  /** For `tell`. */
  readonly caller: { readonly tenant: string; readonly actor: string }
  readonly allowed: string[]
  /** Made for this receiver, which is told the secret. */
  add(receiver: Receiver, facts?: { readonly events?: readonly ['sync.failed'] }): Promise<Webhook>
  /** Tells `connection.created` of a connector that needs no row, in a transaction of the tenant. */
  tell(fail?: Error): Promise<void>
  deliveries(webhookId: string): Promise<readonly Delivery[]>
  /** Waits until the newest delivery is in this state, after so many tries. */
  settled(webhookId: string, state: Delivery['state'], attempts: number): Promise<Delivery>
  row(id: string): Promise<Webhook>
  start(): Promise<Jobs>
  close(): Promise<void>
}

export function openWebhookBench(store: Store, facts: Partial<WebhookPorts> = {}): WebhookBench {
  let passedMs = 0
  const clock = { now: () => Date.now() + passedMs, add: (ms: number) => void (passedMs += ms) }
  const allowed: string[] = []
  const ports = { store, ring: testRing(), clock, log: silentLog, allowOrigins: allowed, ...facts }
  const hooks = createWebhooks(ports)
  const caller = { tenant: `tenant-${randomUUID().slice(0, 8)}`, actor: 'test' }
  const { tenant } = caller
  const open: Jobs[] = []
  const deliveries = (id: string): Promise<readonly Delivery[]> =>
    store.tenant(tenant, (tx) => webhookDeliveries.list(tx, id, { limit: 1_000 }))
  const row = async (id: string): Promise<Webhook> => {
    const webhook = await store.tenant(tenant, (tx) => webhooks.get(tx, id))
    if (webhook === undefined) throw new Error('the webhook is gone')
    return webhook
  }
  return {
    store,
    ports,
    hooks,
    clock,
    caller,
    allowed,
    deliveries,
    row,
    async add(receiver, wishes = {}) {
      allowed.push(receiver.origin)
      const { webhook, secret } = await hooks.create(caller, { url: receiver.url, ...wishes })
      receiver.secret = reveal(secret)
      return webhook
    },
    async tell(fail) {
      await store.tenant(tenant, async (tx) => {
        await tellEvent(tx, {
          type: 'connection.created',
          connector: someConnector(tenant),
          facts: { subject: 'ann' },
          nowMs: clock.now(),
        })
        if (fail !== undefined) throw fail
      })
    },
    async settled(webhookId, state, attempts) {
      for (let looks = 0; looks < 400; looks += 1) {
        const [newest] = await deliveries(webhookId)
        if (newest?.state === state && newest.attempts.length === attempts && newest.queuedAtMs === null)
          return newest
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      throw new Error(`not ${state} after ${attempts} tries: ${JSON.stringify(await deliveries(webhookId))}`)
    },
    async start() {
      const jobs = await createJobs({
        store,
        clock,
        log: silentLog,
        role: 'all',
        limits: { places: 1, placesPerTenant: 1 },
        pace: QUICK,
        runSync: () => Promise.resolve(),
        lanes: [
          {
            queue: 'webhooks',
            places: 16,
            placesPerGroup: 3,
            kinds: [{ name: 'webhook', everyMs: 50, ...deliveryWork(ports) }],
          },
        ],
      })
      open.push(jobs)
      await jobs.start()
      return jobs
    },
    async close() {
      await Promise.all(open.splice(0).map((jobs) => jobs.stop()))
    },
  }
}

const someConnector = (tenant: string): Pick<Connector, 'id' | 'tenant' | 'type'> => ({
  id: randomUUID(),
  tenant,
  type: 'sandbox',
})
