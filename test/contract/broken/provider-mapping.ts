/** Breaks A7: maps a field otherwise than its fixtures say. */
import { skip } from '../../../src/provider/index.js'
import { draftOf, post, withStream } from './sound-provider.js'

export const breaks = 'A7-expected'
export const one = withStream({
  map(item) {
    const read = post.parse(item)
    const draft = draftOf(read)
    return read.draft === true
      ? skip('draft')
      : { ...draft, fields: { ...draft.fields, uri: 'https://sound.example' } }
  },
})
