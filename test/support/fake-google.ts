/** Google's sign-in on 127.0.0.1, as its documentation has it, and the network that leads its hosts there. https://developers.google.com/identity/protocols/oauth2/web-server */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Agent, fetch } from 'undici'
import type { Network } from '../../src/outbound/index.js'
import { unusedHttp } from './unused-http.js'

export const GOOGLE_CLIENT = { id: 'client-of-this-test', secret: 'secret-of-this-test' }

export interface FakeGoogle {
  readonly network: Network
  /** Tokens that were revoked, in order. */
  readonly revoked: readonly string[]
  /** Everything that was asked: `POST oauth2.googleapis.com/token`. */
  readonly asked: readonly string[]
  /** A person at the page that `location` leads to: signs in and allows; gives where the browser is sent back to. */
  allow(location: string, email: string): Promise<string>
  /** Turns back instead. */
  deny(location: string): Promise<string>
  /** From now on every answer to a revocation. */
  setRevokeStatus(status: number): void
  close(): Promise<void>
}

interface Code {
  readonly email: string
  readonly challenge: string
  readonly redirectUri: string
  readonly scope: string
}

interface Answer {
  readonly status: number
  readonly json?: object
  readonly location?: string
}

const invalid = (error: string): Answer => ({ status: 400, json: { error } })

export async function startFakeGoogle(): Promise<FakeGoogle> {
  const codes = new Map<string, Code>()
  const emails = new Map<string, string>()
  const revoked: string[] = []
  const asked: string[] = []
  let revokeStatus = 200

  function authorize(query: URLSearchParams): Answer {
    const redirectUri = query.get('redirect_uri') ?? ''
    const back = new URL(redirectUri)
    back.searchParams.set('state', query.get('state') ?? '')
    const email = query.get('as')
    if (query.get('client_id') !== GOOGLE_CLIENT.id || query.get('code_challenge_method') !== 'S256')
      return invalid('invalid_request')
    if (email === null) back.searchParams.set('error', 'access_denied')
    else {
      const code = `4/${randomUUID()}`
      const challenge = query.get('code_challenge') ?? ''
      codes.set(code, { email, challenge, redirectUri, scope: query.get('scope') ?? '' })
      back.searchParams.set('code', code)
    }
    return { status: 302, location: back.href }
  }

  function token(form: URLSearchParams): Answer {
    const code = form.get('code') ?? ''
    const known = codes.get(code)
    codes.delete(code)
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (known === undefined || known.challenge !== proof || known.redirectUri !== form.get('redirect_uri'))
      return invalid('invalid_grant')
    if (form.get('client_secret') !== GOOGLE_CLIENT.secret) return invalid('invalid_client')
    const tokens = { access_token: `ya29.${randomUUID()}`, refresh_token: `1//${randomUUID()}` }
    emails.set(tokens.access_token, known.email)
    const { scope } = known
    return { status: 200, json: { ...tokens, expires_in: 3599, scope, token_type: 'Bearer' } }
  }

  function userInfo(request: IncomingMessage): Answer {
    const email = emails.get((request.headers.authorization ?? '').replace('Bearer ', ''))
    if (email === undefined) return { status: 401, json: { error: 'invalid_token' } }
    return {
      status: 200,
      json: { sub: `sub-${email}`, name: `Name of ${email}`, email, email_verified: true },
    }
  }

  function answer(request: IncomingMessage, url: URL, body: string): Answer {
    const call = `${request.method ?? ''} ${url.host}${url.pathname}`
    asked.push(call)
    if (call === 'GET accounts.google.com/o/oauth2/v2/auth') return authorize(url.searchParams)
    if (call === 'POST oauth2.googleapis.com/token') return token(new URLSearchParams(body))
    if (call === 'GET openidconnect.googleapis.com/v1/userinfo') return userInfo(request)
    if (call !== 'POST oauth2.googleapis.com/revoke') return { status: 404, json: { error: 'not_found' } }
    if (revokeStatus === 200) revoked.push(new URLSearchParams(body).get('token') ?? '')
    return { status: revokeStatus, json: {} }
  }

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const url = new URL(`https://${request.headers.host ?? ''}${request.url ?? '/'}`)
      const { status, json, location } = answer(request, url, body)
      const headers = { 'content-type': 'application/json', ...(location !== undefined && { location }) }
      response.writeHead(status, headers).end(json === undefined ? '' : JSON.stringify(json))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({
    connect: (_target, callback) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => callback(null, socket))
      socket.once('error', (error) => callback(error, null))
    },
  })
  async function visit(location: string): Promise<string> {
    const page = await fetch(location, { redirect: 'manual', dispatcher: agent })
    return page.headers.get('location') ?? `${page.status} ${await page.text()}`
  }
  return {
    network: {
      dispatcher: () => agent,
      socket: () => unusedHttp.socket('', 0),
      close: () => agent.destroy(),
    },
    revoked,
    asked,
    allow: (location, email) => visit(`${location}&as=${encodeURIComponent(email)}`),
    deny: (location) => visit(location),
    setRevokeStatus: (status) => void (revokeStatus = status),
    async close() {
      await agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
