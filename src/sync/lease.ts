/** Holds a connection's lease while a run lasts: renewed in time, and a run that finds itself fenced is aborted (protocol.md 3.1). */
import { NodeError } from '../errors.js'

export interface LeaseStore {
  /** The lease number, or `busy`. */
  acquire(connectionId: string): Promise<number | 'busy'>
  /** @throws NodeError WRITE_CONFLICT when another run holds the lease now */
  renew(connectionId: string, leaseNumber: number): Promise<void>
  release(connectionId: string, leaseNumber: number): Promise<void>
}

/** A lease lives 15 s unless renewed; three renewals may fail before it is lost. */
export const LEASE_MS = 15_000
const RENEW_MS = 4_000

export interface HeldLease {
  readonly leaseNumber: number
  /** Aborted with WRITE_CONFLICT when the lease is lost. */
  readonly signal: AbortSignal
  release(): Promise<void>
}

/** `undefined` while another run holds it. */
export async function holdLease(store: LeaseStore, connectionId: string): Promise<HeldLease | undefined> {
  let renewedAt = performance.now()
  const leaseNumber = await store.acquire(connectionId)
  if (leaseNumber === 'busy') return undefined
  const lost = new AbortController()
  const isOver = (): boolean => performance.now() - renewedAt >= LEASE_MS
  const lose = (cause?: unknown): void => lost.abort(new NodeError('WRITE_CONFLICT', { cause }))
  let isAsking = false
  const timer = setInterval(() => {
    if (isAsking) {
      // A store that does not answer at all throws nothing for a long time.
      if (isOver()) lose()
      return
    }
    isAsking = true
    const askedAt = performance.now()
    store
      .renew(connectionId, leaseNumber)
      .then(
        () => {
          renewedAt = askedAt
        },
        (error: unknown) => {
          const isFenced = error instanceof NodeError && error.code === 'WRITE_CONFLICT'
          if (isFenced || isOver()) lose(error)
        },
      )
      .finally(() => {
        isAsking = false
      })
  }, RENEW_MS)
  timer.unref()
  return {
    leaseNumber,
    signal: lost.signal,
    async release() {
      clearInterval(timer)
      await store.release(connectionId, leaseNumber)
    },
  }
}
