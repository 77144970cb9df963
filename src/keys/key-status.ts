/** Which keys are on the ring, and how much each of them holds; tells ids, never a key. */
import type { KeyRing } from '../credentials/key-ring.js'
import { sealedValues, type Store } from '../store/index.js'

export interface KeyState {
  /** Derived from the key; it tells nothing about it. */
  readonly id: string
  /** `missing`: it is on no ring, and something needs it. */
  readonly state: 'current' | 'kept' | 'missing'
  /** Values that it sealed, by table. */
  readonly sealed: Readonly<Record<string, number>>
  readonly total: number
}

/** The sealing key first, missing ones last. Capsules lie with their owners and are in no count. */
export async function readKeyStatus(store: Store, ring: KeyRing): Promise<readonly KeyState[]> {
  const counts = await store.node((tx) => sealedValues.countByKey(tx))
  const onRing = ring.keys.map(({ id }) => id)
  const missing = [...new Set(counts.map(({ keyId }) => keyId))].filter((id) => !onRing.includes(id)).sort()
  return [...onRing, ...missing].map((id) => {
    const own = counts.filter(({ keyId }) => keyId === id)
    return {
      id,
      state: id === ring.current.id ? 'current' : onRing.includes(id) ? 'kept' : 'missing',
      sealed: Object.fromEntries(own.map(({ table, count }) => [table, count])),
      total: own.reduce((sum, { count }) => sum + count, 0),
    }
  })
}
