/** The job of a sync from its start to its end in the queue. Never throws: an end that the store did not take is found by the heartbeat. */
import { NodeError, toNodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import type { JobContent } from './job-rows.js'
import type { TakenJob } from './job-queue.js'
import type { RunSync } from './ports.js'
import type { ProgressBus, ProgressEvent } from './progress.js'
import { settleJob, type Settled, type SettlePorts } from './settle-job.js'

export interface RunJobPorts extends SettlePorts<JobContent> {
  readonly runSync: RunSync
  readonly progress: ProgressBus
  readonly clock: Clock
}

const TOLD: Readonly<Record<Settled, ProgressEvent['kind']>> = {
  returned: 'interrupted',
  lost: 'interrupted',
  retrying: 'retrying',
  dead: 'failed',
  over: 'failed',
}

export async function runJob(
  ports: RunJobPorts,
  job: TakenJob<JobContent>,
  signal: AbortSignal,
): Promise<void> {
  const { queue, runSync, progress, clock, log } = ports
  const { attempt, content } = job
  const { connectorId, tenant, trigger, confirmDeletes = false, streams } = content
  progress.tell(connectorId, 'started', { attempt, trigger })
  const report = (facts: object): void => progress.tell(connectorId, 'progress', facts)
  try {
    const wish = { confirmDeletes, ...(streams !== undefined && { streams }) }
    const run = { connectorId, tenant, trigger, attempt, signal, report, ...wish }
    const end = await runSync(run).catch(toNodeError)
    if (end instanceof NodeError) {
      const settled = await settleJob(ports, job, { error: end, signal })
      return progress.tell(
        connectorId,
        TOLD[settled],
        TOLD[settled] === 'interrupted' ? {} : { code: end.code },
      )
    }
    const resumesAtMs = end?.resumesAtMs
    if (resumesAtMs === undefined) await queue.complete(job)
    else {
      await queue.giveBack(job, Math.max(0, resumesAtMs - clock.now()))
      log.info('job.returned', { jobId: job.id, connectorId, attempt, code: 'RATE_LIMITED' })
    }
    progress.tell(connectorId, 'finished', resumesAtMs === undefined ? {} : { resumesAtMs })
  } catch (error) {
    log.warn('jobs.failed', { jobId: job.id, connectorId, error: toNodeError(error) })
  }
}
