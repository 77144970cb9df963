/** Breaks A13: takes a word to search for, and does not look for it. */
import { browseFixtures, soundBrowse, withBrowse } from './sound-browse.js'

export const breaks = 'A13-browse'
export const one = withBrowse(
  {
    items: (http, query, context) =>
      soundBrowse.items(http, { ...query, ...(query.search !== undefined && { search: 'one' }) }, context),
  },
  browseFixtures,
)
