/** Lets everybody read. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C15-outsider-is-refused'
export const twist: Twist = (sound) => ({
  ...sound,
  ...(sound.users && { users: { ...sound.users, outsider: { ...sound } } }),
})
