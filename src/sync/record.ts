/** The states of a record on its way: each stage takes one state and gives the next, so that no stage can be left out. */
import type { Brand } from '../lib/brand.js'
import type { ContentOffer, Skip } from '../provider/index.js'
import type { JsonObject } from '../lib/canonical-json.js'

/** A full schema URI, such as `https://common.schemas.verida.io/social/post/v0.1.0/schema.json`. */
export type SchemaUri = string

/** A mapped item with the node's own fields (schema, source fields), not yet checked. */
export interface MappedRecord {
  readonly sourceId: string
  readonly record: JsonObject
  /** Length of its JSON. */
  readonly characters: number
  /** What there is to be had of a file, where its connection asks for contents. */
  readonly content?: ContentOffer | Skip
}

/** A record that has passed its schema; made only by `validatePage`. */
export type ValidRecord = Brand<MappedRecord, 'ValidRecord'>

/** What one page brings to a destination. */
export interface ValidPage {
  readonly stream: string
  readonly schema: SchemaUri
  readonly records: readonly ValidRecord[]
  /** Source ids to delete: from the provider's own feed. */
  readonly deletedSourceIds: readonly string[]
  /** Document ids to delete: what a complete scan no longer met. */
  readonly deletedDocumentIds: readonly string[]
}
