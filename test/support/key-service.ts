/** An outside service that is signed in to in every way but one's own browser, and providers that talk to it; what it was sent is kept. */
import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  NodeError,
  defineProvider,
  origin,
  Redacted,
  reveal,
  secret,
  text,
  z,
  type Auth,
  type Catalog,
  type Provider,
} from '../../src/provider/index.js'

/** Canaries: where one shows up, it leaked. */
export const KEY = 'canary-api-key-1f09'
export const PASSWORD = 'canary-password-77c2'
export const CLIENT_SECRET = 'canary-client-secret-31aa'

export interface Seen {
  readonly path: string
  readonly authorization: string | undefined
  readonly key: string | undefined
  readonly body: string
}

export interface KeyService {
  readonly origin: string
  readonly seen: Seen[]
  /** A JSON key of its service account, as a file. */
  readonly serviceKey: string
  /** From now on what was given is refused: keys, passwords and tokens that were opened. */
  refuse(what: 'key' | 'tokens' | 'grants' | 'nothing'): void
  readonly opened: () => number
  close(): Promise<void>
}

export async function startKeyService(): Promise<KeyService> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const seen: Seen[] = []
  let refused = 'nothing'
  let opened = 0
  let live = ''
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    const { pathname } = new URL(request.url ?? '/', address)
    const { authorization } = request.headers
    const key = request.headers['x-api-key'] as string | undefined
    seen.push({ path: request.url ?? '', authorization, key, body })
    const send = (status: number, json: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    if (pathname === '/token') return token(new URLSearchParams(body), send)
    if (pathname === '/login') return login(body, send)
    if (pathname === '/away') return void response.writeHead(302, { location: '/me' }).end()
    if (refused === 'key' || !isKnown(authorization, key)) return send(401, { error: 'unauthorized' })
    send(200, { id: 'account-1', name: 'Account One', items: [{ id: 'a' }] })
  }

  function isKnown(authorization = '', key?: string): boolean {
    if (key === KEY || [`Token ${KEY}`, `Bearer ${KEY}`].includes(authorization)) return true
    if (authorization === `Basic ${Buffer.from(`ann:${PASSWORD}`).toString('base64')}`) return true
    return refused === 'nothing' && live !== '' && authorization === `Bearer ${live}`
  }

  function login(body: string, send: (status: number, json: object) => void): void {
    if (refused === 'grants' || !body.includes(PASSWORD)) return send(401, { error: 'no' })
    send(200, { session: open() })
  }

  function open(): string {
    if (refused === 'tokens') refused = 'nothing'
    live = `canary-session-${(opened += 1)}`
    return live
  }

  function token(form: URLSearchParams, send: (status: number, json: object) => void): void {
    if (refused === 'grants') return send(400, { error: 'invalid_grant' })
    const assertion = form.get('assertion')
    const isClient = form.get('client_id') === 'the-client' && form.get('client_secret') === CLIENT_SECRET
    if (assertion === null && !isClient) return send(401, { error: 'invalid_client' })
    if (assertion !== null && !isSigned(assertion)) return send(400, { error: 'invalid_grant' })
    send(200, { access_token: open(), token_type: 'Bearer', expires_in: 3600 })
  }

  function isSigned(assertion: string): boolean {
    const [header = '', claims = '', signature = ''] = assertion.split('.')
    const verifier = createVerify('RSA-SHA256').update(`${header}.${claims}`)
    if (
      !verifier.verify(
        createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })),
        signature,
        'base64url',
      )
    )
      return false
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as {
      aud?: string
      iss?: string
    }
    return read.aud === `${address}/token` && read.iss === 'robot@project.example'
  }

  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    origin: address,
    seen,
    serviceKey: JSON.stringify({
      type: 'service_account',
      client_email: 'robot@project.example',
      private_key: pem,
      // Of an attacker: nothing may be sent there.
      token_uri: 'https://evil.example/token',
    }),
    refuse: (what) => void (refused = what),
    opened: () => opened,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const settings = {
  origin: origin(),
  clientId: text(),
  clientSecret: secret(),
  allowPrivateOrigins: text({ optional: true }),
}
type Settings = typeof settings

const keyField = { kind: 'secret', label: 'API key', help: 'Under Settings, API.' } as const
const AUTHS = {
  'by-key': { kind: 'api_key', key: 'apiKey', fields: { apiKey: keyField } },
  'by-header': {
    kind: 'api_key',
    key: 'apiKey',
    fields: { apiKey: keyField },
    send: { header: 'X-Api-Key', prefix: '' },
  },
  'by-basic': {
    kind: 'basic',
    username: 'user',
    password: 'password',
    fields: {
      user: { kind: 'text', label: 'User', help: 'Your name there.', pattern: '[a-z:]{2,20}' },
      password: { kind: 'secret', label: 'Password', help: 'Your password there.' },
      region: {
        kind: 'choice',
        label: 'Region',
        help: 'Where your account is.',
        choices: { eu: 'Europe', us: 'United States' },
        fallback: 'eu',
      },
    },
  },
  'by-client': {
    kind: 'client_credentials',
    token: ({ origin: base }: { readonly origin: string }) => `${base}/token`,
    scopes: { read: 'To read' },
  },
  'by-robot': {
    kind: 'service_account',
    key: 'keyFile',
    subject: 'person',
    token: ({ origin: base }: { readonly origin: string }) => `${base}/token`,
    scopes: { 'https://scopes.example/read': 'To read', 'https://scopes.example/things': 'For things' },
    fields: {
      keyFile: { kind: 'secret', label: 'Key file', help: 'The JSON file.', multiline: true },
      person: { kind: 'text', label: 'Person', help: 'Whom it acts for.', optional: true },
    },
  },
  'by-calls': {
    kind: 'custom',
    fields: { password: { kind: 'secret', label: 'Password', help: 'Your password there.' } },
    async open(http, { settings: { origin: base }, fields: { secrets } }) {
      const { password = new Redacted('') } = secrets
      const answer = await http.post(`${base}/login`, { json: { password: reveal(password) } })
      const { session } = z.object({ session: z.string() }).parse(answer.json)
      return { accessToken: new Redacted(session) }
    },
  },
  'by-headers': {
    kind: 'custom',
    fields: { apiKey: keyField },
    headers: ({ secrets }) => ({ 'X-Api-Key': secrets['apiKey'] ?? '' }),
  },
  'by-query': {
    kind: 'custom',
    fields: {
      apiKey: keyField,
      query: { kind: 'text', label: 'Query', help: 'What is read.', multiline: true },
    },
    headers: ({ secrets }) => ({ 'X-Api-Key': secrets['apiKey'] ?? '' }),
  },
  'own-server': {
    kind: 'api_key',
    key: 'apiKey',
    send: { header: 'authorization', prefix: 'Token ' },
    fields: { url: { kind: 'origin', label: 'Address', help: 'Of your server.' }, apiKey: keyField },
  },
} as const satisfies Record<string, Auth<Settings>>

export type KeyProviderId = keyof typeof AUTHS

function keyProvider(id: KeyProviderId): Provider {
  return defineProvider({
    id,
    label: `Keys ${id}`,
    description: 'For tests',
    category: 'development',
    homepage: 'keys.example',
    icon: '',
    revision: 1,
    hosts: ['setting:origin', 'field:url'],
    settings,
    auth: [AUTHS[id] as Auth<Settings>],
    async account(http, { settings: { origin: base }, fields: { texts } }) {
      if (texts['query']?.includes('missing') === true)
        throw new NodeError('REQUEST_INVALID', {
          fields: [{ path: 'query', message: 'names what is not there' }],
        })
      const { json } = await http.get(`${texts['url'] ?? base}/me`)
      return z.object({ id: z.string(), name: z.string() }).parse(json)
    },
    revoke: { unsupported: 'keys are ended at the service' },
    streams: [],
  })
}

/** What is entered for each; all are right. */
export const enteredFor = (service: KeyService): Readonly<Record<KeyProviderId, Record<string, string>>> => ({
  'by-key': { apiKey: KEY },
  'by-header': { apiKey: KEY },
  'by-basic': { user: 'ann', password: PASSWORD },
  'by-client': {},
  'by-robot': { keyFile: service.serviceKey, person: 'ann@company.example' },
  'by-calls': { password: PASSWORD },
  'by-headers': { apiKey: KEY },
  'by-query': { apiKey: KEY, query: 'a\nb' },
  'own-server': { url: service.origin, apiKey: KEY },
})

/** `own-server` may be private when it is this service's. */
export function keyCatalog(service: KeyService): Catalog {
  return (Object.keys(AUTHS) as KeyProviderId[]).map((id) => ({
    provider: keyProvider(id),
    settings: {
      origin: service.origin,
      clientId: 'the-client',
      clientSecret: new Redacted(CLIENT_SECRET),
      allowPrivateOrigins: service.origin,
    },
    missingSettings: [],
  }))
}
