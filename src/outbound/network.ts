/**
 * The only way out to services: connections whose remote address is checked in the very lookup that they are made
 * with, so that a name cannot resolve differently a moment later. It sends nothing by itself; TLS is always verified.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { promisify } from 'node:util'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { NodeError } from '../errors.js'
import { CAPS } from './caps.js'
import { isPublicAddress } from './public-address.js'

/** `public`: declared by a provider, so only public addresses. `operator`: an origin that the operator set. */
export type Reach = 'public' | 'operator'

export interface Network {
  /** Connections to hosts of one reach; they are never shared with the other. */
  dispatcher(reach: Reach): Dispatcher
  /** Ends all connections. */
  close(): Promise<void>
}

export interface NetworkOptions {
  /** All addresses of a name. Default: as the system resolves it. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>
  readonly connectMs?: number
}

type Connect = buildConnector.connector

const systemResolve = (hostname: string): Promise<readonly LookupAddress[]> =>
  promisify(systemLookup)(hostname, { all: true })

export function createNetwork(options: NetworkOptions = {}): Network {
  const connector = (rule: Rule): Connect => guardedConnector(options, rule)
  const publicOnly = connector({ admits: isPublicAddress, refusal: 'not a public address' })
  const localOnly = connector({
    admits: (address) => !isPublicAddress(address),
    refusal: 'plain http is for local addresses only',
  })
  const anywhere = connector({ admits: () => true, refusal: '' })
  const agents: Readonly<Record<Reach, Agent>> = {
    public: new Agent({ connect: publicOnly }),
    operator: new Agent({
      connect: (target, callback) => {
        const connect = target.protocol === 'https:' ? anywhere : localOnly
        connect(target, callback)
      },
    }),
  }
  return {
    dispatcher: (reach) => agents[reach],
    async close() {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()))
    },
  }
}

/** Shared by all of a process; its idle connections do not keep the process alive. */
export const systemNetwork: Network = createNetwork()

interface Rule {
  readonly admits: (address: string) => boolean
  /** Why an address is refused. */
  readonly refusal: string
}

function guardedConnector(
  { resolve = systemResolve, connectMs = CAPS.connectMs }: NetworkOptions,
  rule: Rule,
): Connect {
  const refused = (): NodeError =>
    new NodeError('PROVIDER_DOWN', { detail: `connection refused: ${rule.refusal}` })
  const lookup: LookupFunction = (hostname, { all }, done) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        // One address that is not admitted spoils all: which of them is taken is not ours to say.
        if (first === undefined || !addresses.every(({ address }) => rule.admits(address)))
          done(refused(), '')
        else if (all === true) done(null, [...addresses])
        else done(null, first.address, first.family)
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, ''),
    )
  }
  const connect = buildConnector({ timeout: connectMs, lookup, rejectUnauthorized: true })
  return (target, callback) => {
    const literal = target.hostname.replace(/^\[(.*)\]$/, '$1')
    // Node looks up names only: an address in the URL never reaches the lookup.
    if (isIP(literal) !== 0 && !rule.admits(literal)) return callback(refused(), null)
    connect(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      if (rule.admits(socket.remoteAddress ?? '')) return callback(null, socket)
      socket.destroy()
      callback(refused(), null)
    })
  }
}
