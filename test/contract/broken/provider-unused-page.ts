/** Breaks A5: a recorded page that no run asks for, so that nothing is proven by it. */
import { item, page, soundFixtures, withStream } from './sound-provider.js'

export const breaks = 'A5-paging'
export const one = withStream(
  {},
  { pages: [...soundFixtures.pages, page('/posts?after=never', [item(9)], 'place-9', false)] },
)
