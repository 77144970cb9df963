/** Breaks A22: takes a file of any size. */
import { withContents } from './sound-contents.js'

export const breaks = 'A22-contents'
export const one = withContents({ open: (http, { url }) => http.download(url) })
