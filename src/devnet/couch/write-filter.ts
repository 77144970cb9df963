/** What may stand between a batch and its database: says which documents are kept and which rows are refused. */
import type { CouchDocument } from './pouch.js'
import type { ErrorBody } from './errors.js'

export interface Refused extends ErrorBody {
  readonly index: number
}

/** What a lying server does with a batch: which documents it stores, which it refuses; of the rest it says that they are stored. */
export interface FilteredBatch {
  readonly kept: readonly number[]
  readonly refused: readonly Refused[]
}
export type WriteFilter = (docs: readonly CouchDocument[]) => FilteredBatch
