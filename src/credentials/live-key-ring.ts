/** A key ring that may be replaced while the node serves: every holder sees the newest keys, and none has to be told. */
import type { KeyRing } from './key-ring.js'

export interface LiveKeyRing extends KeyRing {
  /** Whether anything changed. */
  replace(ring: KeyRing): boolean
}

/**
 * `reread` is called when a key is not on the ring: another process may have added it a moment ago. It gives the keys
 * as they are kept now, or `undefined` when they are the same.
 */
export function liveKeyRing(
  first: KeyRing,
  reread: () => KeyRing | undefined = () => undefined,
): LiveKeyRing {
  let ring = first
  const replace = (next: KeyRing): boolean => {
    const changed = idsOf(next) !== idsOf(ring)
    ring = next
    return changed
  }
  return {
    get current() {
      return ring.current
    },
    get keys() {
      return ring.keys
    },
    find(id) {
      const known = ring.find(id)
      if (known !== undefined) return known
      const newer = reread()
      if (newer !== undefined) replace(newer)
      return ring.find(id)
    },
    replace,
  }
}

const idsOf = ({ keys }: KeyRing): string => keys.map(({ id }) => id).join()
