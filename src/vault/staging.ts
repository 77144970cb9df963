/** One staged slice of one database: a local PouchDB that only ever holds sealed payloads; never queried, never indexed. */
import { NodeError } from '../errors.js'
import type { RevisionRef } from './couch-database.js'
import type { StagedRow } from './ports.js'
import { openPouch, type Pouch } from './pouch.js'
import { stagedBytes, type StagedDocument } from './staged-document.js'
import { StagedLeaves, type StagedLeaf } from './staged-leaves.js'

const LEAVES_AT_ONCE = 5_000
/** What this node puts in front of the tombstone of a losing leaf (protocol.md 2.5). */
const LOSING = /^\d+-00000000/

export class Staging {
  #pouch: Pouch | undefined
  #isOpen = false
  #bytes = 0
  /** Missing for what an earlier process left: its leaves are read from the disk. */
  readonly #added: StagedLeaves | undefined

  constructor(
    readonly row: StagedRow,
    /** Absolute. */
    readonly folder: string,
    /** Whether everything in it comes through this object. */
    isNew = false,
  ) {
    this.#added = isNew ? new StagedLeaves() : undefined
  }

  /** Sealed bytes added through this object. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Makes documents durable against the end of this process. LevelDB is not told to fsync: a power loss may take the
   * last documents, but then their cursor was not committed either, and they are fetched again.
   * @throws NodeError DISK_FULL, or INTERNAL when the folder is damaged
   */
  async add(documents: readonly StagedDocument[]): Promise<void> {
    if (documents.length === 0) return
    const refused = await this.guarded((pouch) => pouch.bulkDocs(documents, { new_edits: false }))
    if (refused.length > 0)
      throw new NodeError('INTERNAL', { detail: `staging refused ${refused.length} documents` })
    this.#added?.add(documents)
    for (const document of documents) this.#bytes += stagedBytes(document)
  }

  /** Every leaf, deleted ones too, in batches. */
  async *leaves(): AsyncGenerator<readonly StagedLeaf[]> {
    if (this.#added !== undefined) {
      yield this.#added.all()
      return
    }
    for (let since = 0; ;) {
      const page = await this.guarded((pouch) =>
        pouch.changes({ since, limit: LEAVES_AT_ONCE, style: 'all_docs' }),
      )
      if (page.results.length === 0) return
      yield page.results.flatMap(({ id, deleted, changes }) =>
        changes.map(({ rev }) => ({
          id,
          rev,
          deleted: deleted === true || (changes.length > 1 && LOSING.test(rev)),
        })),
      )
      since = page.last_seq
    }
  }

  /** Named revisions with their paths, as they were staged. */
  async read(refs: readonly RevisionRef[]): Promise<readonly StagedDocument[]> {
    if (refs.length === 0) return []
    const docs = refs.map(({ id, rev }) => ({ id, rev }))
    const { results } = await this.guarded((pouch) => pouch.bulkGet({ docs, revs: true }))
    return results.flatMap((result) => result.docs.flatMap(({ ok }) => (ok === undefined ? [] : [ok])))
  }

  /** Lets go of the files; they stay. */
  async close(): Promise<void> {
    const pouch = this.#pouch
    const wasOpen = this.#isOpen
    this.#pouch = undefined
    this.#isOpen = false
    await pouch?.close().catch((error: unknown) => {
      // One that did not open complains of that once more, and holds nothing.
      if (wasOpen) throw error
    })
  }

  private async guarded<T>(act: (pouch: Pouch) => Promise<T>): Promise<T> {
    try {
      this.#pouch ??= openPouch(this.folder)
      const result = await act(this.#pouch)
      this.#isOpen = true
      return result
    } catch (cause) {
      throw new NodeError(isDiskFull(cause) ? 'DISK_FULL' : 'INTERNAL', { detail: 'staging', cause })
    }
  }
}

/** LevelDB says it in words only. */
function isDiskFull(cause: unknown): boolean {
  const { code, message, reason } = (cause ?? {}) as { code?: unknown; message?: unknown; reason?: unknown }
  return (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    /no space left|quota exceeded|ENOSPC/i.test(`${String(message)} ${String(reason)}`)
  )
}
