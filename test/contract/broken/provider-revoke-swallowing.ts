/** Breaks A21: says that a grant has ended while nobody could be told. */
import { soundProvider, withFacts } from './sound-provider.js'

const { revoke } = soundProvider

export const breaks = 'A21-revoke'
export const one = withFacts({
  revoke: async (...call) => {
    if (typeof revoke === 'function') await revoke(...call).catch(() => undefined)
  },
})
