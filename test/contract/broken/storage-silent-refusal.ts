/** Says that it wrote a document that it refused. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C13-refused-is-a-row'
export const twist: Twist = (sound) => ({
  ...sound,
  async bulkDocs(docs, newEdits) {
    const rows = await sound.bulkDocs(docs, newEdits)
    return rows.map((row) => (row.error === 'forbidden' ? { id: row.id, rev: '1-x' } : row))
  },
})
