/** Hand-made services on loopback, and a provider that talks to them; all are stopped after each test. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { createBudgets, createNetwork, createProviderHttp } from '../../../src/outbound/index.js'
import type { ProviderHttpOptions } from '../../../src/outbound/index.js'
import { systemClock } from '../../../src/lib/clock.js'
import { silentLog } from '../../../src/lib/log.js'
import {
  defineProvider,
  NodeError,
  origin,
  Redacted,
  secret,
  text,
  type Provider,
  type ProviderFacts,
  type ProviderHttp,
} from '../../../src/provider/index.js'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

export interface Service {
  readonly origin: string
  readonly port: number
  /** `GET /path?query`, in the order in which they came. */
  readonly requests: string[]
}

/** A service with its own answers. */
export async function serve(answer: RequestListener): Promise<Service> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    answer(request, response)
  })
  const port = await listen(server)
  return { origin: `http://127.0.0.1:${port}`, port, requests }
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
  return (server.address() as AddressInfo).port
}

/** A network of the test's own, so that no connection outlives it. */
export function network(options: Parameters<typeof createNetwork>[0] = {}): ReturnType<typeof createNetwork> {
  const made = createNetwork(options)
  open.push(made)
  return made
}

const settings = { origin: origin(), clientId: text(), clientSecret: secret() }
type Facts = Partial<Omit<ProviderFacts<typeof settings>, 'settings'>>

export function testProvider(facts: Facts = {}): Provider {
  return defineProvider({
    id: 'test',
    label: 'Test',
    description: 'For tests',
    category: 'development',
    homepage: 'x.test',
    icon: 'icon.svg',
    revision: 1,
    hosts: ['setting:origin'],
    settings,
    auth: [
      {
        kind: 'oauth2',
        authorize: ({ origin }) => `${origin}/authorize`,
        token: ({ origin }) => `${origin}/token`,
        scopes: {},
        refresh: true,
      },
    ],
    account: async () => ({ id: '1', name: 'One' }),
    revoke: { unsupported: 'tests' },
    streams: [],
    ...facts,
  })
}

export const settingsFor = (origin: string) => ({
  origin,
  clientId: 'the client',
  clientSecret: new Redacted('the+secret'),
})

export const TOKEN = 'CANARY-TOKEN-1'

/** A client whose token cannot be refreshed and which makes no second attempt, unless told otherwise. */
export function client(
  service: Pick<Service, 'origin'>,
  options: Partial<ProviderHttpOptions> = {},
): ProviderHttp {
  return createProviderHttp({
    provider: testProvider(),
    settings: settingsFor(service.origin),
    tokenSource: {
      current: async () => new Redacted(TOKEN),
      refresh: () => Promise.reject(new NodeError('TOKEN_REVOKED')),
    },
    clock: systemClock,
    log: silentLog,
    budgets: createBudgets(systemClock),
    signal: new AbortController().signal,
    deadlineAtMs: 0,
    network: network(),
    ...options,
  })
}

/** Time enough for retries. */
export const PATIENT = { deadlineAtMs: Infinity }
