/** Breaks A1: lets a text of people decide which host is called. */
import { keyAuth, withKey } from './sound-fields.js'

export const breaks = 'A1-folder'
export const one = withKey(
  { ...keyAuth, fields: { ...keyAuth.fields, shop: { kind: 'text', label: 'Shop', help: 'Its address.' } } },
  { hosts: ['api.sound.example', 'field:shop'] },
)
