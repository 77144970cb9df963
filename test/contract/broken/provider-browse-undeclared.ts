/** Breaks A13: says that it can be asked for a time, and nothing shows that it can. */
import { soundBrowse, withBrowse } from './sound-browse.js'

export const breaks = 'A13-browse'
export const one = withBrowse({ filters: [...soundBrowse.filters, 'time'] })
