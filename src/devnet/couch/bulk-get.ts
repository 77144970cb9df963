/** `_bulk_get`: many documents at given revisions. Reads only. */
import { toCouchError } from './errors.js'
import type { CouchDocument, Options, Pouch } from './pouch.js'

export interface Wanted {
  readonly id: string
  /** Without one: the winner. */
  readonly rev?: string
}

export interface BulkGetOptions {
  readonly revs: boolean
  readonly latest: boolean
  readonly attachments: boolean
}

type Found =
  | { readonly ok: CouchDocument }
  | {
      readonly error: {
        readonly id: string
        readonly rev: string
        readonly error: string
        readonly reason: string
      }
    }

export interface BulkGetRow {
  readonly id: string
  readonly docs: readonly Found[]
}

/** One row per wanted revision, in order; what is not there has an error in its place. */
export function bulkGet(
  pouch: Pouch,
  wanted: readonly Wanted[],
  options: BulkGetOptions,
): Promise<readonly BulkGetRow[]> {
  return Promise.all(
    wanted.map(async ({ id, rev }) => {
      try {
        return { id, docs: [{ ok: await pouch.get(id, getOptions(options, rev)) }] }
      } catch (thrown) {
        const { error, reason, status } = toCouchError(thrown)
        if (status !== 404) throw thrown
        return { id, docs: [{ error: { id, rev: rev ?? 'undefined', error, reason } }] }
      }
    }),
  )
}

const getOptions = (options: BulkGetOptions, rev: string | undefined): Options => ({
  ...options,
  ...(rev === undefined ? {} : { rev }),
})
