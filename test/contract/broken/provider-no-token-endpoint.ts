/** Breaks A2: records the answer of a token endpoint that it does not have. */
import { keyAuth, withKey } from './sound-fields.js'
import { soundCase } from './sound-provider.js'

export const breaks = 'A2-facts'
export const one = { ...withKey(keyAuth), calls: soundCase.calls }
