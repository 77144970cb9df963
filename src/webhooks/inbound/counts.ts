/** What became of deliveries, by provider, since this process began; for the operator. */

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

export type DeliveryCounts = Readonly<Record<string, Readonly<Partial<Record<DeliveryOutcome, number>>>>>

export interface DeliveryCounter {
  /** `undefined`: no provider of this node; strangers must not fill the memory with names. */
  count(provider: string | undefined, outcome: DeliveryOutcome, by?: number): void
  read(): DeliveryCounts
}

const NO_PROVIDER = '-'

export function deliveryCounter(): DeliveryCounter {
  const counts = new Map<string, Map<DeliveryOutcome, number>>()
  return {
    count(provider = NO_PROVIDER, outcome, by = 1) {
      if (by === 0) return
      const own = counts.get(provider) ?? new Map<DeliveryOutcome, number>()
      counts.set(provider, own.set(outcome, (own.get(outcome) ?? 0) + by))
    },
    read: () => Object.fromEntries([...counts].map(([name, own]) => [name, Object.fromEntries(own)])),
  }
}
