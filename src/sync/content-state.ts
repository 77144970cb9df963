/** What is known of the content of one file: as its record says it, and as it is kept, sealed, between runs. */
import { z } from 'zod'
import type { ContentOffer } from '../provider/index.js'
import type { JsonObject } from '../lib/canonical-json.js'
import type { SyncJob, SyncStream } from './job.js'

const stored = z.strictObject({
  state: z.literal('stored'),
  /** As the chunks have it: the `_id` of the file's record. */
  fileId: z.string(),
  sha256: z.string(),
  size: z.int(),
  chunks: z.int(),
  /** Where it is another form than the file's own. */
  mimeType: z.string().optional(),
})
const absent = z.strictObject({
  state: z.literal('absent'),
  /** `too_large`, `refused` by the service, or the provider's own word, such as `native`. */
  reason: z.string(),
  size: z.int().optional(),
  /** With `too_large`: the cap. */
  maxBytes: z.int().optional(),
})

export type SettledFacts = Readonly<z.output<typeof stored> | z.output<typeof absent>>
/** The member `content` of a file's record. */
export type ContentFacts = SettledFacts | { readonly state: 'pending' }

const offer = z.strictObject({
  version: z.string(),
  url: z.string(),
  sizeBytes: z.number().optional(),
  mimeType: z.string().optional(),
})
const record = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null)

const contentState = z.union([
  z.strictObject({ kind: z.literal('settled'), version: z.string(), facts: z.union([stored, absent]) }),
  z.strictObject({ kind: z.literal('wanted'), offer, sourceId: z.string(), record }),
])
export type ContentState =
  | { readonly kind: 'settled'; readonly version: string; readonly facts: SettledFacts }
  | {
      readonly kind: 'wanted'
      readonly offer: ContentOffer
      readonly sourceId: string
      /** The file's record without `content`: it is written again when that is there. */
      readonly record: JsonObject
    }
export type Wanted = Extract<ContentState, { readonly kind: 'wanted' }>

/** As it stands after a slice. */
export interface ContentRow {
  readonly state: ContentState
  /** Tries that failed since it is wanted. */
  readonly failures: number
}

const context = ({ stream }: SyncStream, fileId: string): readonly string[] => [
  'content',
  stream.name,
  fileId,
]

export function sealContent(job: SyncJob, stream: SyncStream, fileId: string, state: ContentState): string {
  // Through JSON: members without a value are no members.
  const value = JSON.parse(JSON.stringify(state)) as JsonObject
  return job.run.box(stream.schema, 'cursor').seal(value, context(stream, fileId))
}

/** @throws NodeError SEAL_FAILED */
export function openContent(job: SyncJob, stream: SyncStream, fileId: string, sealed: string): ContentState {
  const value = job.run.box(stream.schema, 'cursor').open(sealed, context(stream, fileId))
  return contentState.parse(value) as ContentState
}
