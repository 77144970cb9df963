/** Takes the list of document ids for a wish. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C8-changes-of-named-documents'
export const twist: Twist = (sound) => ({
  ...sound,
  changes: ({ since, limit }) => sound.changes({ since, ...(limit === undefined ? {} : { limit }) }),
})
