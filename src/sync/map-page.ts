/** Stage 2: raw items become records of the schema's form. An item that cannot be read or mapped is set aside, never thrown. */
import { wellFormed, type Json, type JsonObject } from '../lib/canonical-json.js'
import type { Draft } from '../provider/index.js'
import type { SyncJob, SyncStream } from './job.js'
import type { MappedRecord } from './record.js'
import { scrub } from './scrub.js'

/** An item set aside, with the reason as code and paths; values never leave the sealed item. */
export interface Rejected {
  readonly item: Json
  readonly reason: string
  /** Known when mapping succeeded and only the schema refused. */
  readonly sourceId?: string
}

export interface MappedPage {
  readonly records: readonly MappedRecord[]
  readonly rejected: readonly Rejected[]
  readonly skipped: Readonly<Record<string, number>>
}

/** What mapping reads of a sync. */
export type MapContext = Pick<SyncJob, 'provider' | 'settings' | 'account' | 'liveTokens'>

export function mapPage(
  job: MapContext,
  { stream, schema, content }: SyncStream,
  items: readonly unknown[],
): MappedPage {
  const records: MappedRecord[] = []
  const rejected: Rejected[] = []
  const skipped: Record<string, number> = {}
  const tokens = job.liveTokens()
  for (const raw of items) {
    const item = scrub(raw as Json, tokens)
    const parsed = stream.item.safeParse(item)
    if (!parsed.success) {
      const paths = parsed.error.issues.map((issue) => `${issue.path.join('/')}:${issue.code}`)
      rejected.push({ item, reason: `ITEM_SHAPE ${paths.slice(0, 5).join(' ')}` })
      continue
    }
    const context = { account: job.account, settings: job.settings }
    const mapped = attempt(() => stream.map(parsed.data, context))
    const offer = attempt(() =>
      content === undefined ? undefined : stream.content?.of(parsed.data, context),
    )
    if (mapped instanceof Error) rejected.push({ item, reason: `MAP_FAILED ${mapped.name}` })
    else if ('skip' in mapped) skipped[mapped.skip] = (skipped[mapped.skip] ?? 0) + 1
    else if (offer instanceof Error) rejected.push({ item, reason: `MAP_FAILED ${offer.name}` })
    else records.push({ ...toRecord(job, schema, mapped, item), ...(offer && { content: offer }) })
  }
  return { records, rejected, skipped }
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error instanceof Error ? error : new Error('not an error')
  }
}

function toRecord(job: MapContext, schema: string, draft: Draft, item: Json): MappedRecord {
  const sourceData: JsonObject =
    typeof item === 'object' && item !== null && !Array.isArray(item) ? (item as JsonObject) : { item }
  const whole: JsonObject = {
    sourceData,
    ...draft.fields,
    schema,
    sourceApplication: job.provider.homepage,
    sourceAccountId: job.account.id,
    sourceId: draft.sourceId,
    insertedAt: draft.insertedAt,
    modifiedAt: draft.modifiedAt ?? draft.insertedAt,
  }
  const json = JSON.stringify(whole)
  return { sourceId: draft.sourceId, record: wellFormed(whole, json), characters: json.length }
}
