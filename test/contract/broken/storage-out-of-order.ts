/** Answers a read of many in an order of its own. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C5-bulk-get-in-order'
export const twist: Twist = (sound) => ({
  ...sound,
  bulkGet: async (wanted) => (await sound.bulkGet(wanted)).toReversed(),
})
