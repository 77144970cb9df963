/** Breaks A1: two ways to connect of one kind, of which only the first would ever be found. */
import { keyAuth, withKey } from './sound-fields.js'

export const breaks = 'A1-folder'
export const one = withKey(keyAuth, { auth: [keyAuth, keyAuth] })
