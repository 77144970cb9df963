/** Breaks A7: two items get one id, so that one of them is lost; its `expected.json` was written from its own output. */
import { skip } from '../../../src/provider/index.js'
import { draftOf, outcome, post, withStream } from './sound-provider.js'

const first = outcome(1, 2, 3)

export const breaks = 'A7-expected'
export const one = withStream(
  {
    map(item) {
      const read = post.parse(item)
      return read.draft === true ? skip('draft') : { ...draftOf(read), sourceId: 'p' }
    },
  },
  {
    expected: {
      first: { ...first, records: first.records.map((record) => ({ ...record, sourceId: 'p' })) },
      later: outcome(4),
    },
  },
)
