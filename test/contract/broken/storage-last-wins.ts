/** Takes whatever came last for the winner of a document in conflict. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C2-same-winner-in-any-order'
export const twist: Twist = (sound) => {
  const last = new Map<string, string>()
  return {
    ...sound,
    bulkDocs(docs, newEdits) {
      for (const { _id, _rev } of docs) if (typeof _rev === 'string') last.set(_id, _rev)
      return sound.bulkDocs(docs, newEdits)
    },
    async winner(id) {
      const found = await sound.winner(id)
      return found && { ...found, _rev: last.get(id) ?? found._rev }
    },
  }
}
