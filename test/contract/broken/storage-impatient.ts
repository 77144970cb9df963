/** Answers a waiting feed at once with nothing in it, once anything is stored. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C9-waits-for-a-write'
export const twist: Twist = (sound) => ({
  ...sound,
  nextChange: async (since) => (since === 0 ? sound.nextChange(since) : { results: [], last_seq: since }),
})
