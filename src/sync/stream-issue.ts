/** What went wrong with one stream of a sync, while the others went on. */
import { errorTable, type ErrorCode } from '../errors.js'

/** A stream that did not get to its end, or set records aside, and why. */
export interface StreamIssue {
  readonly stream: string
  readonly partition: string
  readonly code: ErrorCode
  readonly retryAfterMs?: number
  /** With a limit that will pass: when this stream can go on, in ms since 1970. The sync is no failure by it. */
  readonly resumesAtMs?: number
  /** With RECORD_SKIPPED: how many records went to quarantine in this sync. */
  readonly count?: number
}

/** Whether the stream could not be read; records that were set aside do not count, nor does a limit that will pass. */
export function isFailure(issue: StreamIssue): boolean {
  return errorTable[issue.code].fate !== 'skip' && !isWaiting(issue)
}

/** Whether the stream only waits for its limit: what was read is kept, and the next sync goes on there. */
export const isWaiting = ({ resumesAtMs }: StreamIssue): boolean => resumesAtMs !== undefined
