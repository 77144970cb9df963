/** The sandbox's sign-in by oidc-provider: refresh tokens are good once, and one used twice ends the whole family. */
import Provider from 'oidc-provider'
import { closed, listen } from '../unit/connect/bench.js'

export interface StrictFamily {
  readonly origin: string
  readonly clientSecret: string
  /** Refreshes that were asked for, and those that were refused. */
  readonly refreshes: { asked: number; refused: number }
  /** From now on people are sent back to this address. */
  welcome(redirectUri: string): void
  close(): Promise<void>
}

const CLIENT = { id: 'connector-node', secret: 'a-secret-of-a-strict-server' }
const SCOPES = ['profile', 'posts', 'followings', 'files', 'calendar']
const ACCOUNT = { id: 'ann', name: 'Ann', handle: 'ann', avatarUrl: 'https://people.example/ann.png' }
/** The first token of a sign-in ends at once; those of a refresh last. */
const FIRST_TOKEN_S = 1
const LONG_S = 600

export async function startStrictFamily(): Promise<StrictFamily> {
  const listening = await listen()
  const { server, origin } = listening
  const refreshes = { asked: 0, refused: 0 }
  return {
    origin,
    clientSecret: CLIENT.secret,
    refreshes,
    welcome(redirectUri) {
      const oidc = providerFor(origin, redirectUri)
      oidc.on('grant.success', ({ oidc: { params } }) => {
        if (params?.['grant_type'] === 'refresh_token') refreshes.asked += 1
      })
      oidc.on('grant.error', ({ oidc: { params } }) => {
        if (params?.['grant_type'] !== 'refresh_token') return
        refreshes.asked += 1
        refreshes.refused += 1
      })
      const answer = oidc.callback()
      listening.serve((req, res) => {
        if (req.url?.startsWith('/interaction/'))
          return void oidc.interactionFinished(req, res, { login: { accountId: ACCOUNT.id }, consent: {} })
        if (req.url !== '/api/me') return answer(req, res)
        const token = req.headers.authorization?.replace(/^Bearer /, '') ?? ''
        void oidc.AccessToken.find(token).then((found) => {
          res.writeHead(found === undefined ? 401 : 200, { 'content-type': 'application/json' })
          res.end(JSON.stringify(found === undefined ? {} : ACCOUNT))
        })
      })
    },
    close: () => closed(server),
  }
}

function providerFor(issuer: string, redirectUri: string): Provider {
  const oidc: Provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    routes: { authorization: '/oauth/authorize', token: '/oauth/token' },
    scopes: SCOPES,
    ttl: {
      AccessToken: (_ctx: unknown, { gty = '' }: { readonly gty?: string }) =>
        gty.includes('refresh_token') ? LONG_S : FIRST_TOKEN_S,
      Grant: LONG_S,
      Interaction: LONG_S,
      RefreshToken: LONG_S,
      Session: LONG_S,
    },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    loadExistingGrant: async () => {
      const grant = new oidc.Grant({ accountId: ACCOUNT.id, clientId: CLIENT.id })
      grant.addOIDCScope(SCOPES.join(' '))
      await grant.save()
      return grant
    },
  })
  return oidc
}
