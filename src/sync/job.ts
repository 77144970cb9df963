/** What one sync works with; made once by the use case that starts it. */
import type { JsonObject } from '../lib/canonical-json.js'
import type { Clock } from '../lib/clock.js'
import type { Account, AnyStream, FieldValues, Provider, ProviderHttp } from '../provider/index.js'
import type { SettingsOf, SettingsShape } from '../provider/index.js'
import type { DestinationRun } from './destination.js'
import type { SchemaUri } from './record.js'

/** Ends of a slice: whichever comes first (DESIGN.md 4). */
export interface SliceLimits {
  readonly ms: number
  readonly records: number
  readonly bytes: number
}

/** Restrictions that a Vault asked for, per schema (vault.md 7.1 `syncSchemas`). */
export interface SchemaWish {
  /** Reading stops after the page that reaches so many records in this sync. */
  readonly limit?: number
}

/** What a connection wants of the records of a run. */
export interface Selection {
  /** Counts its changes: after one, everything is read anew. */
  readonly revision: number
  /** Pure. */
  readonly wants: (record: JsonObject) => boolean
  /** A run ends after the page that reaches so many items; the next run goes on there. */
  readonly mostItems: number
}

/** That a connection wants contents of files. */
export interface ContentWish {
  /** A larger file is left out; `null`: contents are wanted no more, and those that are kept are deleted. */
  readonly maxBytes: number | null
  /** Of the chunks. */
  readonly schema: SchemaUri
  /** Counts its changes: after one, everything is read anew. */
  readonly revision: number
}

export interface SyncStream {
  readonly stream: AnyStream
  readonly schema: SchemaUri
  readonly wish: SchemaWish
  /** Missing: every record. */
  readonly selection?: Selection
  /** Missing: contents of files were never asked for. */
  readonly content?: ContentWish
}

export interface SyncJob {
  readonly syncId: string
  readonly connectionId: string
  readonly leaseNumber: number
  readonly provider: Provider
  readonly settings: SettingsOf<SettingsShape>
  readonly fields: FieldValues
  /** Scopes of a stream that the account did not grant. */
  readonly lacking?: (needed: readonly string[] | undefined) => readonly string[]
  readonly account: Account
  readonly http: ProviderHttp
  /** For contents of files, which take longer than lists. Default: `http`. */
  readonly contentHttp?: ProviderHttp
  readonly streams: readonly SyncStream[]
  readonly run: DestinationRun
  readonly clock: Clock
  readonly limits: SliceLimits
  /** When fetching ends, in ms since 1970; what is left waits for the next sync. */
  readonly fetchUntilMs: number
  /** The backfill window of the connection, in ms since 1970: nothing older need be asked for. */
  readonly sinceMs?: number
  /** The owner confirmed deletions that a scan only suspected. */
  readonly confirmDeletes: boolean
  /** The provider tokens in use now, to be scrubbed from raw data. */
  readonly liveTokens: () => readonly string[]
  /** Aborted when the lease is lost, or nobody wants this sync any more: nothing further is written. */
  readonly signal: AbortSignal
  /** For what is asked of the provider: aborted by either of the others. */
  readonly fetchSignal: AbortSignal
  /** Aborted when the node stops: what was read is proven and committed, and nothing more is read. */
  readonly wrapUp: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly stage: 'fetch' | 'prove' | 'commit' | 'publish' | 'announce' | 'erase'
  readonly stream?: string
  readonly counts: SyncCounts
}

/** Counts of what this run observed. */
export interface SyncCounts {
  readonly pages: number
  readonly fetched: number
  readonly mapped: number
  readonly written: number
  readonly unchanged: number
  readonly deleted: number
  readonly quarantined: number
  readonly released: number
  /** Files whose contents were stored. */
  readonly contents: number
  readonly skipped: Readonly<Record<string, number>>
}

export const NO_COUNTS: SyncCounts = {
  pages: 0,
  fetched: 0,
  mapped: 0,
  written: 0,
  unchanged: 0,
  deleted: 0,
  quarantined: 0,
  released: 0,
  contents: 0,
  skipped: {},
}

/** Adds counts member by member. */
export function addCounts(a: SyncCounts, b: Partial<SyncCounts>): SyncCounts {
  const skipped: Record<string, number> = { ...a.skipped }
  for (const [reason, count] of Object.entries(b.skipped ?? {}))
    skipped[reason] = (skipped[reason] ?? 0) + count
  return {
    pages: a.pages + (b.pages ?? 0),
    fetched: a.fetched + (b.fetched ?? 0),
    mapped: a.mapped + (b.mapped ?? 0),
    written: a.written + (b.written ?? 0),
    unchanged: a.unchanged + (b.unchanged ?? 0),
    deleted: a.deleted + (b.deleted ?? 0),
    quarantined: a.quarantined + (b.quarantined ?? 0),
    released: a.released + (b.released ?? 0),
    contents: a.contents + (b.contents ?? 0),
    skipped,
  }
}
