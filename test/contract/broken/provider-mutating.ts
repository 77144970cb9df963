/** Breaks A6: map changes the item, and with it the raw data that is kept. */
import { skip } from '../../../src/provider/index.js'
import { draftOf, post, withStream } from './sound-provider.js'

export const breaks = 'A6-pure'
export const one = withStream({
  map(item) {
    Object.assign(item as object, { mapped: true })
    const read = post.parse(item)
    return read.draft === true ? skip('draft') : draftOf(read)
  },
})
