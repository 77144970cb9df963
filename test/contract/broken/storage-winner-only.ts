/** Lists one leaf of a document whose leaves are more than two. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C4-all-leaves-in-changes'
export const twist: Twist = (sound) => ({
  ...sound,
  async changes(query) {
    const page = await sound.changes(query)
    const results = page.results.map((row) =>
      row.changes.length > 2 ? { ...row, changes: row.changes.slice(0, 1) } : row,
    )
    return { ...page, results }
  },
})
