/** The job queue's entry for surfaces and the composition root. */
export { createJobs, type EnqueuedSync, type Jobs } from './jobs.js'
export type { JobLimits, JobPace, JobPorts, RunSync, SyncRun, SyncTrigger } from './ports.js'
export type { DeadLetter, JobStats } from './job-rows.js'
export type { ProgressEvent, ProgressFeed } from './progress.js'
export { FREQUENCY_EXAMPLES, nextRun, nextRunAfter, parseFrequency, type Frequency } from './frequency.js'
