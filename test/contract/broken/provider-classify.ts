/** Breaks A9: takes trouble at the service for a token that was revoked, so that people must connect again for nothing. */
import { withFacts } from './sound-provider.js'

export const breaks = 'A9-failures'
export const one = withFacts(
  {
    classify({ status }) {
      if (status === 418) return { code: 'PROVIDER_CHANGED' }
      return status >= 500 ? { code: 'TOKEN_REVOKED' } : undefined
    },
  },
  { failures: [{ why: 'it is a teapot', status: 418, body: {}, code: 'PROVIDER_CHANGED' }] },
)
