/** The services of several providers at once, for a whole node: a stand-in for each, found by the host that is asked, over real HTTP on this machine. */
import { connect } from 'node:net'
import { Agent } from 'undici'
import type { Network } from '../../src/outbound/index.js'
import { reveal, settingName, type Auth } from '../../src/provider/index.js'
import { fixturesOf, isTokenFile, type Exchange, type ProviderCase } from './provider-case.js'
import { testFields, testSettings } from './provider-settings.js'
import { startStandIn, type Faults, type SeenRequest, type StandIn } from './stand-in.js'
import { testSocket } from './test-socket.js'
import { unusedHttp } from './unused-http.js'

export interface OutsideServices {
  readonly network: Network
  /** The settings of their providers, as the operator of a node gives them. */
  readonly environment: Readonly<Record<string, string>>
  /** What was asked of a provider's service, in order. */
  seen(id: string): readonly SeenRequest[]
  close(): Promise<void>
}

/** Other services of this machine are reached as they are; nothing leaves it. */
export async function startOutsideServices(cases: readonly ProviderCase[]): Promise<OutsideServices> {
  const services: StandIn[] = []
  const ports = new Map<string, number>()
  for (const one of cases) {
    const service = await startStandIn(one)
    service.setFault(asked(one))
    services.push(service)
    for (const host of hostsOf(one)) {
      if (ports.has(host)) throw new Error(`two of these providers call ${host}`)
      ports.set(host, service.port)
    }
  }
  const agent = new Agent({
    connect: ({ hostname, port }, callback) => {
      const place = hostname === '127.0.0.1' ? Number(port) : ports.get(hostname)
      if (place === undefined) return callback(new Error(`nothing stands in for ${hostname}`), null)
      const socket = connect(place, '127.0.0.1')
      socket.once('connect', () => callback(null, socket))
      socket.once('error', (error) => callback(error, null))
    },
  })
  return {
    network: {
      dispatcher: () => agent,
      socket: (_reach, { host, port }, signal) => {
        const one = cases.find(({ socketPort }) => socketPort !== undefined)
        return one === undefined ? unusedHttp.socket(host, port) : testSocket(one, host, port, signal)
      },
      close: () => agent.destroy(),
    },
    environment: Object.assign({}, ...cases.map(environmentOf)) as Record<string, string>,
    seen: (id) => services[cases.findIndex(({ name }) => name === id)]?.seen ?? [],
    async close() {
      await agent.destroy()
      await Promise.all([
        ...services.map((service) => service.close()),
        ...cases.map((one) => one.stopService?.()),
      ])
    },
  }
}

/** What `POST /api/connectors/{id}/connect` takes for the fixtures' account; nothing where a person signs in. */
export function connectBody(one: ProviderCase, auth: Auth): object {
  if (auth.kind === 'oauth2') return {}
  const { texts, secrets } = testFields(one, auth)
  const hidden = Object.entries(secrets).map(([name, value]) => [name, reveal(value)])
  return { authKind: auth.kind, config: { ...texts, ...(Object.fromEntries(hidden) as object) } }
}

/** Every host that a recorded call went to. */
const hostsOf = (one: ProviderCase): ReadonlySet<string> =>
  new Set(
    [...tokensOf(one), ...fixturesOf(one)].map(({ request }) => new URL(request.split(' ')[1] ?? '').host),
  )

const tokensOf = (one: ProviderCase): readonly Exchange[] =>
  Object.entries(one.calls).flatMap(([name, calls]) => (isTokenFile(name) ? calls : []))

function environmentOf({ provider }: ProviderCase): Readonly<Record<string, string>> {
  const { settings } = testSettings(provider)
  const needed = Object.entries(provider.settings).filter(([, { optional }]) => optional !== true)
  return Object.fromEntries(
    needed.map(([name]) => {
      const value = settings[name]
      return [settingName(provider.id, name), typeof value === 'object' ? reveal(value) : String(value)]
    }),
  )
}

/** Tokens, which the suite gives out by itself; and a recorded page for a list that is asked for in another size. */
function asked(one: ProviderCase): Faults {
  return (seen, recorded) => {
    if (recorded !== undefined) return undefined
    const own = [...tokensOf(one), ...fixturesOf(one)].find((call) => isSamePlace(call, seen))
    return (
      own && { kind: 'answer', status: 200, headers: own.headers, text: own.text ?? JSON.stringify(own.body) }
    )
  }
}

function isSamePlace({ request }: Exchange, { method, url }: SeenRequest): boolean {
  const [verb, address = ''] = request.split(' ')
  const { origin, pathname } = new URL(address)
  return verb === method && origin === url.origin && pathname === url.pathname
}
