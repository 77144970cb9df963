/** Breaks A19: takes a page without items for the last, though it names the next. */
import { soundStream, withStream } from './sound-provider.js'

export const breaks = 'A19-endings'
export const one = withStream({
  async fetchPage(...call) {
    const page = await soundStream.fetchPage(...call)
    return { ...page, more: page.more && page.items.length > 0 }
  },
})
