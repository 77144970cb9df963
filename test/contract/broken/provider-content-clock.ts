/** Breaks A22: a version that is never the same, so that everything is fetched at each change. */
import { post, API } from './sound-provider.js'
import { withContents } from './sound-contents.js'

export const breaks = 'A22-contents'
export const one = withContents({
  of: (raw) => ({ version: new Date().toISOString(), url: `${API}/files/${post.parse(raw).id}` }),
})
