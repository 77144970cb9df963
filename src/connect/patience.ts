/** How long a person in front of a browser is kept waiting for a provider. */
import { NodeError } from '../errors.js'

export const PATIENCE_MS = 30_000

export interface Patience {
  /** Aborted with PROVIDER_DOWN when the time is over. */
  readonly signal: AbortSignal
  end(): void
}

export function startPatience(ms = PATIENCE_MS): Patience {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(new NodeError('PROVIDER_DOWN', { detail: `no answer within ${ms} ms` }))
  }, ms)
  return { signal: controller.signal, end: () => clearTimeout(timer) }
}
