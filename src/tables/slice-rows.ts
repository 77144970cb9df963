/** What one slice has written: which content each document must have when it is read back. */
import type { SchemaUri } from '../sync/record.js'

export class SliceRows {
  readonly #hashes = new Map<SchemaUri, Map<string, string>>()

  /** The last word on a document counts. */
  expect(schema: SchemaUri, hashes: Iterable<readonly [documentId: string, hash: string]>): void {
    const known = this.#hashes.get(schema) ?? new Map<string, string>()
    for (const [id, hash] of hashes) known.set(id, hash)
    this.#hashes.set(schema, known)
  }

  of(schema: SchemaUri): ReadonlyMap<string, string> {
    return this.#hashes.get(schema) ?? new Map<string, string>()
  }

  clear(): void {
    this.#hashes.clear()
  }
}
