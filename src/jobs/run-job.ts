/** One job from its start to its end in the queue. Never throws: an end that the store did not take is found by the heartbeat. */
import { toNodeError, type NodeError } from '../errors.js'
import type { Log } from '../lib/log.js'
import type { RunSync } from './ports.js'
import type { ProgressBus } from './progress.js'
import type { SyncQueue, TakenJob } from './sync-queue.js'

export interface RunJobPorts {
  readonly queue: SyncQueue
  readonly runSync: RunSync
  readonly progress: ProgressBus
  readonly log: Log
}

export async function runJob(ports: RunJobPorts, job: TakenJob, signal: AbortSignal): Promise<void> {
  const { queue, runSync, progress, log } = ports
  const { connectorId, tenant, trigger, attempt } = job
  progress.tell(connectorId, 'started', { attempt, trigger })
  const report = (facts: object): void => progress.tell(connectorId, 'progress', facts)
  try {
    const error = await runSync({ connectorId, tenant, trigger, attempt, signal, report }).then(
      () => undefined,
      toNodeError,
    )
    if (error === undefined) await queue.complete(job)
    else await settle(ports, job, error, signal)
    if (error === undefined) progress.tell(connectorId, 'finished')
  } catch (error) {
    log.warn('jobs.failed', { jobId: job.id, connectorId, error: toNodeError(error) })
  }
}

async function settle(
  { queue, progress, log }: RunJobPorts,
  job: TakenJob,
  error: NodeError,
  signal: AbortSignal,
): Promise<void> {
  const { connectorId, attempt } = job
  const facts = { jobId: job.id, connectorId, attempt, code: error.code }
  if (signal.aborted) {
    progress.tell(connectorId, 'interrupted')
    const reason = toNodeError(signal.reason).code
    // Cancelled, or another's: its row is not ours to end.
    if (reason !== 'INTERRUPTED') return
    await queue.giveBack(job)
    log.info('job.returned', facts)
    return
  }
  switch (error.fate) {
    case 'retry':
      await queue.retry(job, error.code, error.retryAfterMs)
      if (!job.isLastAttempt) {
        progress.tell(connectorId, 'retrying', { code: error.code })
        log.info('job.retrying', { ...facts, error })
        return
      }
      break
    case 'stop':
    case 'bug':
      await queue.bury(job, error.code)
      break
    case 'refuse':
    case 'reconnect':
    case 'skip':
      await queue.complete(job)
      progress.tell(connectorId, 'failed', { code: error.code })
      return
  }
  progress.tell(connectorId, 'failed', { code: error.code })
  log.error('job.dead', { ...facts, error })
}
