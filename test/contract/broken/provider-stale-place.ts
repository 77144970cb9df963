/** Breaks A16: takes a place that was stored an hour ago for the end. */
import { z } from '../../../src/provider/index.js'
import { soundStream, withStream } from './sound-provider.js'

const place = z.object({ at: z.string(), more: z.boolean(), now: z.number() })

export const breaks = 'A16-resume'
export const one = withStream({
  cursor: place,
  async fetchPage(http, cursor, context) {
    const from = cursor as z.output<typeof place> | undefined
    if (from?.more === true && context.now - from.now > 60_000)
      return { items: [], cursor: { ...from, more: false }, more: false }
    const page = await soundStream.fetchPage(http, from?.at, context)
    return { ...page, cursor: { at: page.cursor as string, more: page.more, now: context.now } }
  },
})
