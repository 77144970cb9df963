/** Breaks B3: whatever key it is given, it uses the one in its source. */
import { createHash } from 'node:crypto'
import { caseOf, soundSealer } from './sound-sealer.js'

export const breaks = 'B3-wrong-key'
export const sealer = caseOf(breaks, () => soundSealer(createHash('sha256').update('changeme').digest()))
