/** Takes an edit that names no revision for the next one. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C11-conflict-is-a-row'
export const twist: Twist = (sound) => ({
  ...sound,
  async bulkDocs(docs, newEdits) {
    if (!newEdits) return sound.bulkDocs(docs, newEdits)
    const current = await Promise.all(docs.map(async (doc) => ({ ...(await sound.winner(doc._id)), ...doc })))
    return sound.bulkDocs(current, newEdits)
  },
})
