/** A time limit of its own around calls to a storage node, so that a node that hangs costs seconds and not minutes. */
import { NodeError } from '../errors.js'

/** Ends in time even when `act` does not heed its signal. @throws NodeError STORAGE_UNREACHABLE when time is up; an abort of `signal` is thrown as it is */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const timer = setTimeout(() => {
    over.abort(new NodeError('STORAGE_UNREACHABLE', { detail: `no answer within ${ms} ms` }))
  }, ms)
  const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
  const aborted = new Promise<never>((_resolve, reject) => {
    either.addEventListener('abort', () => reject(either.reason as Error), { once: true })
  })
  try {
    either.throwIfAborted()
    return await Promise.race([act(either), aborted])
  } finally {
    clearTimeout(timer)
  }
}
