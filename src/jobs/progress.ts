/** What runs in this process tell while they run; in memory only, for pages that are open now. */

/** `facts` are the run's own: stage, stream, counts. Never a record, a token or an account name. */
export interface ProgressEvent {
  readonly kind: 'queued' | 'started' | 'progress' | 'finished' | 'retrying' | 'failed' | 'interrupted'
  /** Counts up over all connectors of this process. */
  readonly sequence: number
  readonly atMs: number
  readonly facts: object
}

/** What happens to one connector. */
export interface ProgressFeed {
  /** The last thing told, while it is fresh. */
  latest(): ProgressEvent | undefined
  /** Gives the function that ends it. A listener may not throw. */
  follow(listener: (event: ProgressEvent) => void): () => void
}

export interface ProgressBus {
  progressOf(connectorId: string): ProgressFeed
  tell(connectorId: string, kind: ProgressEvent['kind'], facts?: object): void
}

/** Last events kept, oldest out first. */
const KEPT = 10_000

export function progressBus(now: () => number): ProgressBus {
  const last = new Map<string, ProgressEvent>()
  const listeners = new Map<string, Set<(event: ProgressEvent) => void>>()
  let sequence = 0
  return {
    progressOf: (connectorId) => ({
      latest: () => last.get(connectorId),
      follow(listener) {
        const own = listeners.get(connectorId) ?? new Set()
        own.add(listener)
        listeners.set(connectorId, own)
        return () => {
          own.delete(listener)
          if (own.size === 0 && listeners.get(connectorId) === own) listeners.delete(connectorId)
        }
      },
    }),
    tell(connectorId, kind, facts = {}) {
      const event: ProgressEvent = { kind, sequence: ++sequence, atMs: now(), facts }
      last.delete(connectorId)
      last.set(connectorId, event)
      const [oldest] = last.keys()
      if (last.size > KEPT && oldest !== undefined) last.delete(oldest)
      for (const listener of [...(listeners.get(connectorId) ?? [])]) listener(event)
    },
  }
}
