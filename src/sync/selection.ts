/** Takes of a page what its connection wants; the rest is read and let go. */
import type { SyncJob, SyncStream } from './job.js'
import type { ValidRecord } from './record.js'

/** In `skipped`. */
export const NOT_SELECTED = 'not selected'

/** Above every revision of a provider. */
const STEP = 10_000

/** What made a cursor: the provider's mapping, and what the connection wants. Another one starts anew. */
export const cursorRevision = (
  { provider }: Pick<SyncJob, 'provider'>,
  { selection, content }: SyncStream,
): number => provider.revision + STEP * ((selection?.revision ?? 0) + (content?.revision ?? 0))

export interface Selected {
  readonly wanted: readonly ValidRecord[]
  /** They may have been wanted before they were renamed: what is kept of them is deleted. */
  readonly unwantedIds: readonly string[]
}

export function select({ selection }: SyncStream, records: readonly ValidRecord[]): Selected {
  if (selection === undefined) return { wanted: records, unwantedIds: [] }
  const wanted = records.filter(({ record }) => selection.wants(record))
  const kept = new Set(wanted.map(({ sourceId }) => sourceId))
  const unwantedIds = records.map(({ sourceId }) => sourceId).filter((id) => !kept.has(id))
  return { wanted, unwantedIds: [...new Set(unwantedIds)] }
}
