/** What became of deliveries, by provider, over all processes; for the operator. Gathered here and added to the store now and then: a flood of refusals is no flood of writes. */
import type { Log } from '../../lib/log.js'
import { deliveryCounts, type Store } from '../../store/index.js'

export type DeliveryOutcome =
  | 'accepted'
  /** Taken before: answered the same, and nothing done. */
  | 'duplicate'
  | 'handshake'
  /** Not proven to be the service's. */
  | 'refused'
  /** Older than the replay window, or from the future. */
  | 'stale'
  /** To an address that nobody has. */
  | 'unknown'
  /** To a registration whose time is over. */
  | 'expired'
  /** It could not be looked at. */
  | 'failed'
  /** Accounts that no connection here holds, in accepted deliveries. */
  | 'unknownAccount'

export type DeliveryCounts = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface DeliveryCounter {
  /** `undefined`: no provider of this node; strangers must not fill the store with names. */
  count(provider: string | undefined, outcome: DeliveryOutcome, by?: number): void
  /** All of this process, and of the others what they have added. @throws NodeError STORE_UNAVAILABLE */
  read(): Promise<DeliveryCounts>
  /** Adds what is left. */
  close(): Promise<void>
}

const NO_PROVIDER = '-'
const ADD_EVERY_MS = 5_000

export function deliveryCounter({
  store,
  log,
}: {
  readonly store: Store
  readonly log: Log
}): DeliveryCounter {
  let gathered = new Map<string, number>()
  let adding = Promise.resolve()

  function gather(key: string, by: number): void {
    gathered.set(key, (gathered.get(key) ?? 0) + by)
  }
  async function addNow(): Promise<void> {
    const taken = gathered
    gathered = new Map()
    const counts = [...taken].sort().map(([key, count]) => {
      const [provider = '', outcome = ''] = key.split(' ')
      return { provider, outcome, count }
    })
    try {
      await store.node((tx) => deliveryCounts.add(tx, counts))
    } catch (error) {
      for (const [key, count] of taken) gather(key, count)
      throw error
    }
  }
  /** One after the other: who reads waits for what is being added. */
  function add(): Promise<void> {
    const next = adding.then(addNow)
    adding = next.catch(() => undefined)
    return next
  }
  const addQuietly = (): Promise<void> =>
    gathered.size === 0
      ? Promise.resolve()
      : add().catch((error: unknown) => log.warn('webhook.uncounted', { error }))
  const timer = setInterval(() => void addQuietly(), ADD_EVERY_MS).unref()
  return {
    count(provider = NO_PROVIDER, outcome, by = 1) {
      if (by > 0) gather(`${provider} ${outcome}`, by)
    },
    async read() {
      await add()
      const counts: Record<string, Record<string, number>> = {}
      for (const { provider, outcome, count } of await store.node((tx) => deliveryCounts.list(tx)))
        (counts[provider] ??= {})[outcome] = count
      return counts
    },
    close() {
      clearInterval(timer)
      return addQuietly()
    },
  }
}
