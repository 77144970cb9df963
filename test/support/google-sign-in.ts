/** Google's sign-in for a real browser: oidc-provider under Google's names, over TLS on 127.0.0.1, with a page to sign in and one to consent. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import Provider from 'oidc-provider'
import { Agent } from 'undici'
import type { Network } from '../../src/outbound/index.js'
import { GOOGLE_CLIENT } from './fake-google.js'
import { consentPage, signInPage } from './sign-in-pages.js'
import { unusedHttp } from './unused-http.js'

export interface GoogleSignIn {
  readonly network: Network
  /** What leads a Chromium's calls to Google here. */
  readonly browserArgs: readonly string[]
  /** From now on people are sent back to this address. */
  welcome(redirectUri: string): void
  close(): Promise<void>
}

const PROFILE = 'https://www.googleapis.com/auth/userinfo.'
const CALENDAR = 'https://www.googleapis.com/auth/calendar.'
const HOUR_S = 3_600

export async function startGoogleSignIn(): Promise<GoogleSignIn> {
  const pem = readFileSync(new URL('../unit/outbound/untrusted.pem', import.meta.url))
  const server = createServer({ key: pem, cert: pem })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({
    connect: (_target, callback) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      socket.once('secureConnect', () => callback(null, socket))
      socket.once('error', (error: Error) => callback(error, null))
    },
  })
  return {
    network: {
      dispatcher: () => agent,
      socket: () => unusedHttp.socket('', 0),
      close: () => agent.destroy(),
    },
    browserArgs: [`--host-resolver-rules=MAP accounts.google.com:443 127.0.0.1:${port}`],
    welcome(redirectUri) {
      const oidc = providerFor(redirectUri)
      const answer = oidc.callback()
      server.removeAllListeners('request')
      server.on('request', (req, res) => {
        if (req.url?.startsWith('/interaction/') === true) void interact(oidc, req, res)
        else answer(req, res)
      })
    },
    async close() {
      await agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** As Google has it: paths, names of scopes, a refresh token without `offline_access`. https://developers.google.com/identity/openid-connect/openid-connect */
function providerFor(redirectUri: string): Provider {
  return new Provider('https://accounts.google.com', {
    clients: [
      {
        client_id: GOOGLE_CLIENT.id,
        client_secret: GOOGLE_CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    routes: { authorization: '/o/oauth2/v2/auth', token: '/token', userinfo: '/v1/userinfo' },
    scopes: ['openid', `${CALENDAR}calendarlist.readonly`, `${CALENDAR}events.readonly`],
    claims: {
      openid: ['sub'],
      [`${PROFILE}email`]: ['email', 'email_verified'],
      [`${PROFILE}profile`]: ['name'],
    },
    ttl: {
      AccessToken: HOUR_S,
      Grant: HOUR_S,
      IdToken: HOUR_S,
      Interaction: HOUR_S,
      RefreshToken: HOUR_S,
      Session: HOUR_S,
    },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, email: sub, email_verified: true, name: `Name of ${sub}` }),
    }),
  })
}

/** One page of a sign-in: shown, or sent back by its form. */
async function interact(oidc: Provider, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await oidc.interactionDetails(req, res)
  const scopes = (params.scope ?? '').split(' ')
  const show = (page: string): void => void res.writeHead(200, { 'content-type': 'text/html' }).end(page)
  if (req.method !== 'POST')
    return show(prompt.name === 'login' ? signInPage() : consentPage(session?.accountId ?? '?', scopes))
  const form = await readForm(req)
  if (form.get('answer') === 'cancel') return oidc.interactionFinished(req, res, { error: 'access_denied' })
  if (prompt.name === 'login')
    return oidc.interactionFinished(req, res, { login: { accountId: form.get('email') } })
  const grant =
    (grantId === undefined ? undefined : await oidc.Grant.find(grantId)) ??
    new oidc.Grant({ accountId: session?.accountId ?? '?', clientId: GOOGLE_CLIENT.id })
  grant.addOIDCScope(scopes.join(' '))
  await oidc.interactionFinished(req, res, { consent: { grantId: await grant.save() } })
}

async function readForm(req: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}
