/** Breaks A1: names a field of its key that is not there. */
import { keyAuth, withKey } from './sound-fields.js'

export const breaks = 'A1-folder'
export const one = withKey({ ...keyAuth, key: 'token' })
