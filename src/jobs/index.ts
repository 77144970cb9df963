/** The job queue's entry for surfaces and the composition root. */
export { prepareQueue } from './prepare-queue.js'
export { createJobs, type EnqueuedSync, type Jobs } from './jobs.js'
export type {
  DueTask,
  JobLimits,
  JobPace,
  JobPorts,
  RunSync,
  SyncRun,
  SyncTrigger,
  TaskKind,
  TaskLane,
} from './ports.js'
export type { JobList, JobPage, JobState, FoundJob, ListedJob } from './job-list.js'
export type { DeadLetter, JobStats } from './job-rows.js'
export type { ProgressEvent, ProgressFeed } from './progress.js'
export {
  FREQUENCY_EXAMPLES,
  nextRun,
  nextRunAfter,
  parseFrequency,
  shortestGapMs,
  type Frequency,
} from './frequency.js'
