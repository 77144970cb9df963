/** Cuts large attachments. */
import type { Twist } from '../storage-twist.js'

export const breaks = 'C12-attachments'
export const twist: Twist = (sound) => ({
  ...sound,
  async getAttachment(id, name) {
    const found = await sound.getAttachment(id, name)
    return found && { ...found, bytes: found.bytes.subarray(0, 4_096) }
  },
})
