/** Signing in at Salesforce, and out. https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm */
import {
  revokeToken,
  type FieldValues,
  type OAuth2,
  type ProviderHttp,
  type Tokens,
} from '../../src/provider/index.js'
import type { settings as shape } from './settings.js'

const LOGIN: Readonly<Record<string, string>> = {
  production: 'login.salesforce.com',
  sandbox: 'test.salesforce.com',
}

/** An own domain goes before the choice: an organisation may allow signing in nowhere else. */
const loginOrigin = (texts: FieldValues['texts']): string =>
  `https://${texts['domain'] ?? LOGIN[texts['environment'] ?? ''] ?? LOGIN['production'] ?? ''}`

export const oauth2: OAuth2<typeof shape> = {
  kind: 'oauth2',
  authorize: (_, texts) => `${loginOrigin(texts)}/services/oauth2/authorize`,
  token: (_, texts) => `${loginOrigin(texts)}/services/oauth2/token`,
  refresh: true,
  scopes: {
    api: 'To copy accounts, contacts and opportunities',
    refresh_token: 'To go on copying without asking you each time',
  },
  fields: {
    environment: {
      kind: 'choice',
      label: 'Environment',
      help: 'Where you sign in.',
      choices: { production: 'Production or Developer Edition', sandbox: 'Sandbox' },
      fallback: 'production',
    },
    domain: {
      kind: 'host',
      host: '{}.my.salesforce.com',
      label: 'My Domain',
      help: 'Only where your organisation asks to sign in at its own address: its name before .my.salesforce.com.',
      optional: true,
      example: 'lakeside',
    },
    instanceUrl: {
      kind: 'told',
      from: 'token',
      name: 'instance_url',
      originUnder: ['.salesforce.com', '.force.com', '.salesforce.mil'],
    },
  },
}

/** Ends the refresh token and every access token that was made with it. https://developer.salesforce.com/docs/platform/mobile-sdk/guide/oauth-revoking-tokens.html */
export async function revoke(
  http: ProviderHttp,
  { fields, tokens }: { readonly fields: FieldValues; readonly tokens: Tokens },
): Promise<void> {
  await revokeToken(http, `${fields.texts['instanceUrl'] ?? ''}/services/oauth2/revoke`, tokens)
}
