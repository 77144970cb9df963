/** An outside service with a host for each account, which tells where its API is, answers tokens in its own form, and names the scopes its own way. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Agent } from 'undici'
import type { Network } from '../../src/outbound/index.js'
import {
  defineProvider,
  defineStream,
  readAnswer,
  Redacted,
  secret,
  text,
  z,
  type AnyStream,
  type CatalogEntry,
} from '../../src/provider/index.js'
import { unusedHttp } from './unused-http.js'

export const CLIENT_SECRET = 'canary-told-client-secret'
export const ISSUER = 'https://acme.told.example'
export const API = 'https://eu.api.told.example'
/** What the callback brings beside state and code. */
export const TOLD = { code: 'good', iss: ISSUER, company: 'c-7' }

export interface ToldService {
  readonly network: Network
  /** `POST acme.told.example/token ...`, and what was sent. */
  readonly seen: string[]
  /** What the token endpoint says from now on. */
  answer(change: Readonly<Record<string, unknown>>): void
  close(): Promise<void>
}

const usual = {
  key: 'canary-told-access-1',
  renewal: 'canary-told-renewal-1',
  seconds: 3_600,
  api: API,
  granted: 'always,read_orders,read_people',
}

export async function startToldService(): Promise<ToldService> {
  const seen: string[] = []
  let told: Readonly<Record<string, unknown>> = usual
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    const place = `${request.headers.host ?? ''}${request.url ?? ''}`
    seen.push(`${request.method ?? ''} ${place} ${body}`)
    const send = (status: number, json: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    if (place === 'acme.told.example/token') {
      const form = new URLSearchParams(body)
      if (form.get('client_secret') !== CLIENT_SECRET) return send(401, { error: 'invalid_client' })
      if (form.get('code') !== 'good' || form.get('code_verifier') === null)
        return send(400, { error: 'invalid_grant' })
      return send(200, { result: told })
    }
    if (request.headers.authorization !== `Bearer ${usual.key}`) return send(401, { error: 'unauthorized' })
    if (place === 'eu.api.told.example/me') return send(200, { id: 'account-7', name: 'Acme' })
    if (place === 'eu.api.told.example/c-7/orders') return send(200, { items: [{ id: 'o-1' }] })
    if (place === 'eu.api.told.example/c-7/people') return send(200, { items: [{ id: 'p-1' }] })
    send(404, { error: 'not_found' })
  }

  const agent = new Agent({
    connect: (_target, callback) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => callback(null, socket))
      socket.once('error', (error) => callback(error, null))
    },
  })
  return {
    seen,
    network: {
      dispatcher: () => agent,
      socket: () => unusedHttp.socket('', 0),
      close: () => agent.destroy(),
    },
    answer: (change) => void (told = { ...usual, ...change }),
    async close() {
      await agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const list = z.object({ items: z.array(z.unknown()) })

const stream = (name: string): AnyStream =>
  defineStream({
    name,
    label: name,
    schema: 'social/following',
    scopes: [`read_${name}`],
    cursor: z.number(),
    item: z.object({ id: z.string() }),
    deletes: 'none',
    incremental: false,
    async fetchPage(http, _cursor, { fields: { texts } }) {
      const page = readAnswer(list, await http.get(`${texts['api'] ?? ''}/${texts['company'] ?? ''}/${name}`))
      return { items: page.items, cursor: 1, more: false }
    },
    map: ({ id }) => ({
      sourceId: id,
      insertedAt: '2024-01-02T03:04:05Z',
      fields: { name: id, uri: `https://told.example/${id}`, followedTimestamp: '2024-01-02T03:04:05Z' },
    }),
  })

/** Asked for its host; told its API by the token answer and its company by the callback. */
export const toldEntry: CatalogEntry = {
  provider: defineProvider({
    id: 'told',
    label: 'Told',
    description: 'For tests',
    category: 'commerce',
    homepage: 'https://told.example',
    icon: '',
    revision: 1,
    hosts: ['field:shop', 'field:api'],
    settings: { clientId: text(), clientSecret: secret() },
    auth: [
      {
        kind: 'oauth2',
        authorize: (_settings, { shop }) => `https://${shop ?? ''}/authorize`,
        token: (_settings, { shop }) => `https://${shop ?? ''}/token`,
        issuer: (_settings, { shop }) => `https://${shop ?? ''}`,
        scopes: { always: 'Always', read_orders: 'To copy orders', read_people: 'To copy people' },
        refresh: false,
        fields: {
          shop: { kind: 'host', host: '{}.told.example', label: 'Shop', help: 'Its name.' },
          company: { kind: 'told', from: 'callback', name: 'company' },
          api: { kind: 'told', from: 'token', name: 'api', originUnder: ['.api.told.example'] },
        },
        readToken(answer) {
          const { key, renewal, seconds, granted, api } = answer['result'] as typeof usual
          return { access_token: key, refresh_token: renewal, expires_in: seconds, scope: granted, api }
        },
      },
    ],
    async account(http, { fields: { texts } }) {
      return readAnswer(
        z.object({ id: z.string(), name: z.string() }),
        await http.get(`${texts['api'] ?? ''}/me`),
      )
    },
    revoke: { unsupported: 'tests' },
    streams: [stream('orders'), stream('people')],
  }),
  settings: { clientId: 'the-client', clientSecret: new Redacted(CLIENT_SECRET) },
  missingSettings: [],
}
