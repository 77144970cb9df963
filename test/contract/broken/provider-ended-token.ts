/** Breaks A18: takes a token that has ended for a right that is missing. */
import { withFacts } from './sound-provider.js'

export const breaks = 'A18-refresh'
export const one = withFacts(
  { classify: ({ json }) => (json?.['error'] === 'invalid_token' ? { code: 'SCOPE_MISSING' } : undefined) },
  {
    failures: [
      { why: 'a token that ended', status: 401, body: { error: 'invalid_token' }, code: 'SCOPE_MISSING' },
    ],
  },
)
