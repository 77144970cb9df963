/** Ends a limited page one document further than it tells. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C7-changes-go-on'
export const twist: Twist = (sound) => ({
  ...sound,
  async changes(query) {
    if (query.limit === undefined) return sound.changes(query)
    const page = await sound.changes({ ...query, limit: query.limit + 1 })
    return { ...page, results: page.results.slice(0, query.limit) }
  },
})
