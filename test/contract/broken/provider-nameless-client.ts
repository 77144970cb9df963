/** Breaks A4: signs its application in, and the operator cannot say which that is. */
import { clientAuth, withAuth } from './sound-fields.js'

export const breaks = 'A4-authorize'
export const one = withAuth(clientAuth, { settings: {} })
