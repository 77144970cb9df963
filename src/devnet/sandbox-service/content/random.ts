/** Small seeded random numbers: the same seed and index always give the same content. Not for secrets. */

export interface Random {
  /** An integer from 0 to `limit - 1`. */
  int(limit: number): number
  /** True in `percent` of 100 draws. */
  chance(percent: number): boolean
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
}

/** FNV-1a over UTF-16 code units, as an unsigned 32-bit number. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The random numbers of one item (mulberry32), independent of all other items, so that items can be made in any order. */
export function randomAt(seed: number, index: number): Random {
  let state = (seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (limit: number): number => Math.floor(next() * limit)
  return {
    int,
    chance: (percent) => int(100) < percent,
    pick: <T>(list: readonly T[]) => list[int(list.length)] as T,
  }
}
