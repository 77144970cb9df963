/** Breaks A1: asks people for something and does not say where it is found. */
import { keyAuth, withKey } from './sound-fields.js'

export const breaks = 'A1-folder'
export const one = withKey({ ...keyAuth, fields: { key: { kind: 'secret', label: 'API key', help: '' } } })
