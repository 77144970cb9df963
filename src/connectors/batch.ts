/** One thing done to many connectors: each item ends by itself, and one that fails stops no other. */
import { toNodeError, type NodeError } from '../errors.js'

export type BatchItem<T> =
  | { readonly index: number; readonly ok: true; readonly value: T }
  | { readonly index: number; readonly ok: false; readonly error: NodeError }

/** Providers are asked by so many items of one batch at a time. */
const AT_ONCE = 4

/** In the order of the items. */
export async function inBatch<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly BatchItem<R>[]> {
  const results: BatchItem<R>[] = []
  const waiting = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next
      results[index] = await work(item).then(
        (value): BatchItem<R> => ({ index, ok: true, value }),
        (error: unknown): BatchItem<R> => ({ index, ok: false, error: toNodeError(error) }),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}
