/** Turns what the queue's tables throw into errors of our table. That they are not there is the operator's to mend, and not a bug. */
import { NodeError } from '../errors.js'
import { storeFault } from '../store/index.js'

/** SQLSTATE of a missing table and a missing schema. */
const MISSING = new Set<unknown>(['42P01', '3F000'])

export function queueFault(thrown: unknown): NodeError {
  const fault = storeFault(thrown)
  const isMissing = thrown instanceof Error && 'code' in thrown && MISSING.has(thrown.code)
  if (!isMissing) return fault
  return new NodeError('STORE_UNAVAILABLE', { detail: 'the job queue has no tables', cause: fault })
}
