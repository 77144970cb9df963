/** Lists local documents among the changes. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C10-local-documents-stay'
export const twist: Twist = (sound) => {
  let told: string | undefined
  return {
    ...sound,
    async putLocal(id, body) {
      told = 'at' in body && body.at === 5 ? `_local/${id}` : told
      return sound.putLocal(id, body)
    },
    async changes(query) {
      const page = await sound.changes(query)
      const extra = told === undefined ? [] : [{ id: told, changes: [] }]
      return { ...page, results: [...page.results, ...extra] }
    },
  }
}
