/** Breaks A13: keeps its own idea of what the service sent. */
import { soundBrowse, withBrowse } from './sound-browse.js'

export const breaks = 'A13-browse'
export const one = withBrowse({
  async items(...call) {
    const page = await soundBrowse.items(...call)
    return { ...page, data: page.data.map((item) => ({ ...item, raw: { id: item.id } })) }
  },
})
