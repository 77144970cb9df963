/** The clock as a value, so that tests can move it and providers cannot read it. */

export interface Clock {
  /** Milliseconds since 1970 (wall clock). */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
