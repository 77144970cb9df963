/** Breaks A1: a provider that nobody put on the list. */
import { soundCase } from './sound-provider.js'

export const breaks = 'A1-folder'
export const one = { ...soundCase, listed: false }
