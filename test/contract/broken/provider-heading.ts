/** Breaks A1: README lacks a fixed heading. */
import { soundCase } from './sound-provider.js'

export const breaks = 'A1-folder'
export const one = { ...soundCase, readme: soundCase.readme.replace('## Rate limits', '## Limits') }
