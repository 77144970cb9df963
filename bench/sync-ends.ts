/** Tells when a node's sync has ended, by the node's own log: asking it every few milliseconds would be measured too. */
import { silentLog, type Log } from '../src/lib/log.js'

export interface SyncEnds {
  /** For `startNode`. */
  readonly log: Log
  /** The end of the next sync that ends; a node of the bench runs one at a time. */
  next(): Promise<void>
}

export function syncEnds(): SyncEnds {
  let wake: (() => void) | undefined
  const note = (event: string): void => {
    // Both are written when the staged copy is erased and the row of the sync is closed.
    if (event === 'sync.finished' || event === 'sync.failed') wake?.()
  }
  return {
    log: { ...silentLog, info: note, warn: note, error: note },
    next: () => new Promise((resolve) => (wake = resolve)),
  }
}
