/** Breaks A6: map looks at the clock. */
import { draftOf, post, withStream } from './sound-provider.js'

export const breaks = 'A6-pure'
export const one = withStream({
  map(item) {
    const { draft, ...rest } = post.parse(item)
    if (draft === true) return { skip: Date.now() > 0 ? 'draft' : '' }
    return { ...draftOf(rest), ...(Date.now() < 0 && { modifiedAt: '1970-01-01T00:00:00Z' }) }
  },
})
