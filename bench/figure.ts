/** What a measurement gives: a ratio and the raw figures that it is made of. */
export interface Figure {
  /** The headline, ours in the numerator or denominator as the measurement says. */
  readonly ratio: number
  readonly ours: Readonly<Record<string, number | readonly number[]>>
  readonly yardstick: Readonly<Record<string, number | readonly number[]>>
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Enough digits to compare, few enough to read. */
export const rounded = (value: number): number => Number(value.toPrecision(4))
