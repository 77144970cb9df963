/** Breaks A4: a stream needs a scope that is never asked for. */
import { withStream } from './sound-provider.js'

export const breaks = 'A4-authorize'
export const one = withStream({ scopes: ['posts', 'drafts'] })
