/** Breaks A12: prints what it maps. */
import { skip } from '../../../src/provider/index.js'
import { draftOf, post, withStream } from './sound-provider.js'

export const breaks = 'A12-leaks'
export const one = withStream({
  map(item) {
    const read = post.parse(item)
    process.stdout.write('')
    return read.draft === true ? skip('draft') : draftOf(read)
  },
})
