/** Reads a 64-bit integer column as a number; refuses one that a number cannot hold exactly. */

/** The type id of `bigint` columns. */
export const INT8 = 20

/** @throws RangeError beyond 2^53 */
export function exactInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer of the store is too large')
  return value
}
