/** Breaks A13: promises more behind a cursor that it has just come from. */
import { soundBrowse, withBrowse } from './sound-browse.js'

export const breaks = 'A13-browse'
export const one = withBrowse({
  async items(http, query, context) {
    const page = await soundBrowse.items(http, query, context)
    return query.search === undefined ? { ...page, cursor: 'place-2' } : page
  },
})
