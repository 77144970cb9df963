/** Breaks A15: notes in each item when it was read, so that everything is written again in each run. */
import { withStream, soundStream } from './sound-provider.js'

export const breaks = 'A15-same-bytes'
export const one = withStream({
  async fetchPage(http, cursor, context) {
    const page = await soundStream.fetchPage(http, cursor, context)
    if (cursor === undefined) return page
    return { ...page, items: page.items.map((item) => ({ ...(item as object), readAt: context.now })) }
  },
})
