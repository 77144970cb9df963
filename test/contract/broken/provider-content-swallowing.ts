/** Breaks A22: a service that fails gives an empty file. */
import { withContents } from './sound-contents.js'

export const breaks = 'A22-contents'
export const one = withContents({
  open: (http, { url }, { maxBytes }) =>
    http.download(url, { maxBytes }).catch(() => ({ headers: {}, body: (async function* () {})() })),
})
