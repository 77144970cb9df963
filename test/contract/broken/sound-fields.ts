/** The sound provider with other ways to connect than an OAuth 2.0 code, which some `provider-*.ts` spoil. */
import type { ApiKey, Auth, ClientCredentials, Provider } from '../../../src/provider/index.js'
import type { ProviderCase } from '../../support/provider-case.js'
import { TOKEN } from '../../support/provider-settings.js'
import { API, soundCase, withFacts } from './sound-provider.js'

const help = 'Found under Settings.'
const { account = [], revoke = [] } = soundCase.calls
const tokenAnswer = [{ request: `POST ${API}/token`, body: { access_token: TOKEN, expires_in: 3600 } }]
const key = { kind: 'secret', label: 'API key', help } as const
const scopes = { profile: 'To show whose account it is', posts: 'To copy posts' }

export const keyAuth: ApiKey = { kind: 'api_key', fields: { key }, key: 'key' }

export const clientAuth: ClientCredentials = { kind: 'client_credentials', token: `${API}/token`, scopes }

/** Sound ways to connect. */
export const otherAuths: readonly Exclude<Auth, { kind: 'oauth2' }>[] = [
  keyAuth,
  clientAuth,
  {
    kind: 'service_account',
    fields: { json: { ...key, label: 'JSON key', multiline: true } },
    key: 'json',
    token: `${API}/token`,
    scopes,
  },
  {
    kind: 'basic',
    fields: { user: { kind: 'text', label: 'User name', help }, password: { ...key, label: 'Password' } },
    username: 'user',
    password: 'password',
  },
  {
    kind: 'custom',
    fields: { key },
    headers: ({ secrets }) => ({ 'x-sound-key': secrets['key'] ?? '' }),
  },
]

/** The sound case connected in another way, with the fixtures that go with it. */
export function withAuth(auth: Auth, facts: Partial<Provider> = {}): ProviderCase {
  const labels = Object.values(auth.fields ?? {}).map((field) => ('label' in field ? field.label : ''))
  return withFacts(
    { auth: [auth], ...facts },
    {
      calls: { account, revoke, ...('token' in auth && { token: tokenAnswer }) },
      readme: soundCase.readme.replace('Set ', `Asked for: ${labels.join(', ')}. Set `),
    },
  )
}

/** The sound case connected by a key. */
export const withKey = (auth: ApiKey, facts: Partial<Provider> = {}): ProviderCase => withAuth(auth, facts)
