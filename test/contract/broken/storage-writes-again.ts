/** Writes a batch that it already holds once more. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C6-same-batch-twice'
export const twist: Twist = (sound) => {
  const seen = new Set<string>()
  return {
    ...sound,
    async bulkDocs(docs, newEdits) {
      const batch = docs.map(({ _id }) => _id).join()
      const again =
        newEdits || !seen.has(batch) ? docs : docs.map((doc) => ({ ...doc, ...another(doc['_rev']) }))
      if (docs.length > 1) seen.add(batch)
      return sound.bulkDocs(again, newEdits)
    },
  }
}

function another(rev: unknown): { readonly _rev: string; readonly _revisions: object } {
  const ids = ['f'.repeat(32), String(rev).slice(2)]
  return { _rev: `2-${ids[0] ?? ''}`, _revisions: { start: 2, ids } }
}
