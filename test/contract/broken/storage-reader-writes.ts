/** Lets readers write. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C14-reader-may-not-write'
export const twist: Twist = (sound) => ({
  ...sound,
  ...(sound.users && { users: { ...sound.users, reader: { ...sound } } }),
})
