/** A page of Drive's change log as what is there now and what is gone. */
import { fileChange, removedChange, trashedChange } from './drive-api.js'

export interface Changed {
  /** Files as they are now. */
  readonly files: readonly unknown[]
  /** Ids of those that were deleted, put into the bin, or taken out of sight. */
  readonly goneIds: readonly string[]
}

/** Of each file the last that the log says: a page may name one several times. */
export function lastWords(changes: readonly unknown[]): Changed {
  const words = new Map<string, unknown>()
  const odd: unknown[] = []
  for (const change of changes) {
    const { data } = fileChange.safeParse(change)
    if (data !== undefined) words.set(data.fileId, isGone(change) ? undefined : data.file)
    else if (!isOfDrive(change)) odd.push(change)
  }
  const entries = [...words]
  return {
    files: [...entries.flatMap(([, one]) => (one === undefined ? [] : [one])), ...odd],
    goneIds: entries.flatMap(([id, one]) => (one === undefined ? [id] : [])),
  }
}

const isGone = (change: unknown): boolean =>
  removedChange.safeParse(change).success || trashedChange.safeParse(change).success

/** A shared drive itself was made, renamed or left: it has no file. */
const isOfDrive = (change: unknown): boolean =>
  typeof change === 'object' && change !== null && 'changeType' in change && change.changeType === 'drive'
