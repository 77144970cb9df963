/** Breaks A2: signs in by calls of its own, and nobody recorded them. */
import { Redacted } from '../../../src/provider/index.js'
import { keyAuth, withKey } from './sound-fields.js'
import { TOKEN } from '../../support/provider-settings.js'

export const breaks = 'A2-facts'
export const one = withKey(keyAuth, {
  auth: [
    {
      kind: 'custom',
      fields: keyAuth.fields,
      open: async () => ({ accessToken: new Redacted(TOKEN) }),
    },
  ],
})
