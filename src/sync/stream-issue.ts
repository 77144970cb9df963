/** What went wrong with one stream of a sync, while the others went on. */
import { errorTable, type ErrorCode } from '../errors.js'

/** A stream that did not get to its end, or set records aside, and why. */
export interface StreamIssue {
  readonly stream: string
  readonly partition: string
  readonly code: ErrorCode
  readonly retryAfterMs?: number
  /** With RECORD_SKIPPED: how many records went to quarantine in this sync. */
  readonly count?: number
}

/** Whether the stream could not be read; records that were set aside do not count. */
export function isFailure({ code }: StreamIssue): boolean {
  return errorTable[code].fate !== 'skip'
}
