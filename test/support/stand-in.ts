/** A local HTTP server that stands in for all hosts of a provider, and the network that leads every connection to it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Agent } from 'undici'
import type { Network } from '../../src/outbound/index.js'
import type { Provider } from '../../src/provider/index.js'
import type { Json } from '../../src/lib/canonical-json.js'
import { fixturesOf, type Exchange, type ProviderCase } from './provider-case.js'
import { findExchange } from './provider-replay.js'
import { heldToken, NOW, testSettings } from './provider-settings.js'
import { unusedHttp } from './unused-http.js'

/** A request as the service would see it. */
export interface SeenRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** When it came, in ms of this process. */
  readonly atMs: number
}

/** What a request is answered with in the place of the fixtures. */
export type Fault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>> | undefined
      readonly text: string
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }

/** Chosen for each request; `recorded` is the call that the fixtures would answer it with. */
export type Faults = (seen: SeenRequest, recorded: Exchange | undefined) => Fault | undefined

export interface StandIn {
  readonly network: Network
  /** Where it listens on 127.0.0.1. */
  readonly port: number
  readonly seen: readonly SeenRequest[]
  /** Resolves when the next request has arrived. */
  arrival(): Promise<void>
  /** One for every request, or chosen for each; `undefined` goes back to the fixtures. */
  setFault(fault: Fault | Faults | undefined): void
  close(): Promise<void>
}

/** Plain HTTP on loopback, whatever the scheme and host of an address: only the sockets are led elsewhere. */
export async function startStandIn(one: ProviderCase): Promise<StandIn> {
  const seen: SeenRequest[] = []
  const arrivals = new EventTarget()
  let faults: Fault | Faults | undefined
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const url = addressOf(request)
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      )
      const call = { method: request.method ?? '', url, headers, body, atMs: performance.now() }
      seen.push(call)
      arrivals.dispatchEvent(new Event('request'))
      const recorded = recordedFor(one, call)
      const fault = typeof faults === 'function' ? faults(call, recorded) : faults
      if (fault?.kind === 'reset') request.socket.destroy()
      else if (fault?.kind === 'answer') send(response, fault.status, fault.text, fault.headers)
      else if (fault === undefined) replay(one, recorded, response)
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
  return {
    network: {
      dispatcher: () => agent,
      socket: () => unusedHttp.socket('', 0),
      close: () => agent.destroy(),
    },
    port,
    seen,
    arrival: async () => {
      await once(arrivals, 'request')
    },
    setFault: (next) => void (faults = next),
    async close() {
      await agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function addressOf(request: IncomingMessage): URL {
  const host = request.headers.host ?? ''
  const scheme = /^(127\.|localhost)/.test(host) ? 'http' : 'https'
  return new URL(`${scheme}://${host}${request.url ?? '/'}`)
}

/** The address without what `sign` adds, as fixtures have it. */
function unsigned(one: ProviderCase, address: URL): URL {
  const url = new URL(address)
  const { settings } = testSettings(one.provider)
  const signature = one.provider.sign?.({ settings, accessToken: heldToken(one) }) ?? {}
  for (const name of Object.keys(signature)) url.searchParams.delete(name)
  return url
}

function recordedFor(one: ProviderCase, { method, url, headers, body }: SeenRequest): Exchange | undefined {
  const request = `${method} ${unsigned(one, url).href}`
  const sent = sentBody(headers, body)
  const recorded = fixturesOf(one)
  // A run at another hour asks for other times.
  return findExchange(recorded, request, sent) ?? findExchange(recorded, timeless(request), sent, timeless)
}

/** A call whose times are all one. */
const timeless = (request: string): string =>
  request.replace(/\d{4}-\d\d-\d\d(T|%20)\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?|\b1[89]\d{8}(\d{3})?\b/g, 'TIME')

function replay({ provider }: ProviderCase, found: Exchange | undefined, response: ServerResponse): void {
  if (found === undefined) send(response, 404, '{"error":"no fixture answers this request"}')
  else
    send(response, 200, found.text ?? JSON.stringify(found.body), {
      ...rateHeadersOf(provider),
      ...found.headers,
    })
}

/** Plenty is left, told in the headers that the provider declares. */
function rateHeadersOf({ rateHeaders }: Provider): Readonly<Record<string, string>> {
  if (rateHeaders === undefined) return {}
  const atMs = NOW + 3_600_000
  const reset = {
    'epoch-s': String(atMs / 1_000),
    'epoch-ms': String(atMs),
    seconds: '3600',
    date: new Date(atMs).toISOString(),
  }[rateHeaders.resetForm]
  return { [rateHeaders.remaining]: '1000', [rateHeaders.reset]: reset }
}

/** A body as fixtures write it under `sent`. */
export function sentBody(headers: Readonly<Record<string, string>>, body: string): Json | undefined {
  if (body === '') return undefined
  const type = headers['content-type'] ?? ''
  if (type.includes('json')) return JSON.parse(body) as Json
  return Object.fromEntries(new URLSearchParams(body))
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
