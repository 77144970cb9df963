/** What is removed when its time is over; runs beside the requests and never stops the node. */
import type { Clock } from './lib/clock.js'
import type { Log } from './lib/log.js'
import {
  idempotencyKeys,
  inboundDeliveries,
  oauthStates,
  quarantine,
  redeemCodes,
  usedJtis,
  webhookEvents,
  type Store,
} from './store/index.js'
import { DELIVERIES_KEPT_MS } from './webhooks/inbound/index.js'
import { KEPT_MS } from './webhooks/outbound/index.js'

export interface Housekeeping {
  /** One round; gives what was removed. */
  round(): Promise<Readonly<Record<string, number>>>
  stop(): void
}

const EVERY_MS = 10 * 60_000

export function startHousekeeping(ports: {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}): Housekeeping {
  const { store, clock, log } = ports
  async function round(): Promise<Readonly<Record<string, number>>> {
    const now = clock.now()
    return {
      oauthStates: await oauthStates.purge(store.db, now),
      redeemCodes: await redeemCodes.purge(store.db, now),
      usedJtis: await usedJtis.purge(store.db, now),
      quarantine: await quarantine.purgeExpired(store.db, now),
      webhookEvents: await store.node((tx) => webhookEvents.purge(tx, now - KEPT_MS)),
      inboundDeliveries: await store.node((tx) => inboundDeliveries.purge(tx, now - DELIVERIES_KEPT_MS)),
      idempotencyKeys: await store.node((tx) => idempotencyKeys.purge(tx, now)),
    }
  }
  const timer = setInterval(() => {
    round().then(
      (removed) => log.info('housekeeping.done', removed),
      (error: unknown) => log.warn('housekeeping.failed', { error }),
    )
  }, EVERY_MS)
  timer.unref()
  return { round, stop: () => clearInterval(timer) }
}
