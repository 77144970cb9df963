/** The end of a job that went wrong, in its queue: by the error's fate it is tried again, given up, or over. */
import { toNodeError, type NodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import type { JobQueue, TakenJob } from './job-queue.js'

export type Settled =
  /** Given back untried: this process stops. */
  | 'returned'
  /** Cancelled, or another process's: not ours to end. */
  | 'lost'
  | 'retrying'
  | 'dead'
  | 'over'

export interface SettlePorts<C extends object> {
  readonly queue: JobQueue<C>
  readonly log: Log
}

export async function settleJob<C extends object>(
  { queue, log }: SettlePorts<C>,
  job: TakenJob<C>,
  { error, signal }: { readonly error: NodeError; readonly signal: AbortSignal },
): Promise<Settled> {
  const facts = { jobId: job.id, key: queue.keyOf(job.content), attempt: job.attempt, code: error.code }
  if (signal.aborted) {
    if (toNodeError(signal.reason).code !== 'INTERRUPTED') return 'lost'
    await queue.giveBack(job)
    log.info('job.returned', facts)
    return 'returned'
  }
  switch (error.fate) {
    case 'retry':
      await queue.retry(job, error.code, error.retryAfterMs)
      if (job.isLastAttempt) break
      log.info('job.retrying', { ...facts, error })
      return 'retrying'
    case 'stop':
    case 'bug':
      await queue.bury(job, error.code)
      break
    case 'refuse':
    case 'reconnect':
    case 'skip':
      await queue.complete(job, error.code)
      return 'over'
  }
  log.error('job.dead', { ...facts, error })
  return 'dead'
}
