/** A secret that prints as hidden everywhere; only `reveal` gives it out, so that every use can be found by name. */
import { inspect } from 'node:util'

const HIDDEN = '[redacted]'
const values = new WeakMap<Redacted, string>()

/** Holds a secret string. Printing, JSON, inspection and string conversion all show `[redacted]`. */
export class Redacted {
  constructor(value: string) {
    values.set(this, value)
  }
  toString(): string {
    return HIDDEN
  }
  toJSON(): string {
    return HIDDEN
  }
  [inspect.custom](): string {
    return HIDDEN
  }
}

/** Gives the secret out. */
export function reveal(secret: Redacted): string {
  const value = values.get(secret)
  if (value === undefined) throw new TypeError('not a secret made by Redacted')
  return value
}
