/** A local HTTP server that stands in for all hosts of a provider, and the network that leads every connection to it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Agent } from 'undici'
import type { Network } from '../../src/outbound/index.js'
import { Redacted } from '../../src/provider/index.js'
import type { Json } from '../../src/lib/canonical-json.js'
import type { ProviderCase } from './provider-case.js'
import { fixturesOf, requestKey } from './provider-replay.js'
import { testSettings, TOKEN } from './provider-settings.js'

/** A request as the service would see it. */
export interface SeenRequest {
  readonly method: string
  readonly url: URL
  readonly authorization: string | undefined
  readonly body: string
}

/** What every request is answered with; without one, the fixtures answer. */
export type Fault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>> | undefined
      readonly text: string
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }

export interface StandIn {
  readonly network: Network
  readonly seen: readonly SeenRequest[]
  /** Resolves when the next request has arrived. */
  arrival(): Promise<void>
  /** `undefined` goes back to the fixtures. */
  setFault(fault: Fault | undefined): void
  close(): Promise<void>
}

/** Plain HTTP on loopback, whatever the scheme and host of an address: only the sockets are led elsewhere. */
export async function startStandIn(one: ProviderCase): Promise<StandIn> {
  const seen: SeenRequest[] = []
  const arrivals = new EventTarget()
  let fault: Fault | undefined
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const url = addressOf(request)
      const { authorization } = request.headers
      seen.push({ method: request.method ?? '', url, authorization, body })
      arrivals.dispatchEvent(new Event('request'))
      if (fault?.kind === 'reset') request.socket.destroy()
      else if (fault?.kind === 'answer') send(response, fault.status, fault.text, fault.headers)
      else if (fault === undefined)
        replay(one, `${request.method ?? ''} ${unsigned(one, url).href}`, response)
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
    network: { dispatcher: () => agent, close: () => agent.destroy() },
    seen,
    arrival: async () => {
      await once(arrivals, 'request')
    },
    setFault: (next) => void (fault = next),
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
function unsigned({ provider }: ProviderCase, address: URL): URL {
  const url = new URL(address)
  const { settings } = testSettings(provider)
  const signature = provider.sign?.({ settings, accessToken: new Redacted(TOKEN) }) ?? {}
  for (const name of Object.keys(signature)) url.searchParams.delete(name)
  return url
}

function replay(one: ProviderCase, request: string, response: ServerResponse): void {
  const found = fixturesOf(one).find((exchange) => requestKey(exchange.request) === requestKey(request))
  if (found === undefined) send(response, 404, '{"error":"no fixture answers this request"}')
  else send(response, 200, JSON.stringify(found.body satisfies Json))
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
