/** Breaks A5: promises more behind a cursor that it has just come from. */
import { item, outcome, page, withStream } from './sound-provider.js'

export const breaks = 'A5-paging'
export const one = withStream(
  {},
  {
    pages: [
      page('/posts', [item(1), item(2)], 'place-2', true),
      page('/posts?after=place-2', [item(3)], 'place-2', true),
    ],
    later: [],
    expected: { first: outcome(1, 2, 3), later: outcome(3, 3) },
  },
)
