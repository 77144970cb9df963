/** Breaks A17: takes a limit that is met in the middle for the end of the list. */
import { soundStream, withStream } from './sound-provider.js'

export const breaks = 'A17-waits'
export const one = withStream({
  async fetchPage(http, cursor, context) {
    if (cursor === undefined) return soundStream.fetchPage(http, cursor, context)
    return soundStream.fetchPage(http, cursor, context).catch(() => ({ items: [], cursor, more: false }))
  },
})
