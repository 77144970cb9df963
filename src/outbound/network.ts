/**
 * The only way out to services: connections whose remote address is checked in the very lookup that they are made
 * with, so that a name cannot resolve differently a moment later. It sends nothing by itself; TLS is always verified.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { NodeError } from '../errors.js'
import { CAPS } from './caps.js'
import { isPublicAddress } from '../lib/public-address.js'

/** `public`: declared by a provider, so only public addresses. `operator`: an origin that the operator set. */
export type Reach = 'public' | 'operator'

export interface Network {
  /** Connections to hosts of one reach; they are never shared with the other. */
  dispatcher(reach: Reach): Dispatcher
  /** A bare connection, for servers that do not speak HTTP; the signal's abort ends it. @throws NodeError PROVIDER_DOWN */
  socket(reach: Reach, server: Server, signal: AbortSignal): Promise<Socket>
  /** Ends all connections. */
  close(): Promise<void>
}

export interface Server {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

export interface NetworkOptions {
  /** All addresses of a name. Default: as the system resolves it. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>
  readonly connectMs?: number
}

type Connect = buildConnector.connector

const systemResolve = (hostname: string): Promise<readonly LookupAddress[]> =>
  promisify(systemLookup)(hostname, { all: true })

interface Rule {
  readonly admits: (address: string) => boolean
  /** Why an address is refused. */
  readonly refusal: string
}

const PUBLIC_ONLY: Rule = { admits: isPublicAddress, refusal: 'not a public address' }
const ANYWHERE: Rule = { admits: () => true, refusal: '' }

export function createNetwork(options: NetworkOptions = {}): Network {
  const connector = (rule: Rule): Connect => guardedConnector(options, rule)
  const publicOnly = connector(PUBLIC_ONLY)
  const localOnly = connector({
    admits: (address) => !isPublicAddress(address),
    refusal: 'plain http is for local addresses only',
  })
  const anywhere = connector(ANYWHERE)
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
    socket: (reach, server, signal) =>
      guardedSocket(options, reach === 'public' ? PUBLIC_ONLY : ANYWHERE, server, signal),
    async close() {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()))
    },
  }
}

/** Shared by all of a process; its idle connections do not keep the process alive. */
export const systemNetwork: Network = createNetwork()

const refusedBy = ({ refusal }: Rule): NodeError =>
  new NodeError('PROVIDER_DOWN', { detail: `connection refused: ${refusal}` })

function guardedLookup({ resolve = systemResolve }: NetworkOptions, rule: Rule): LookupFunction {
  return (hostname, { all }, done) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        // One address that is not admitted spoils all: which of them is taken is not ours to say.
        if (first === undefined || !addresses.every(({ address }) => rule.admits(address)))
          done(refusedBy(rule), '')
        else if (all === true) done(null, [...addresses])
        else done(null, first.address, first.family)
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, ''),
    )
  }
}

function guardedConnector(options: NetworkOptions, rule: Rule): Connect {
  const { connectMs = CAPS.connectMs } = options
  const lookup = guardedLookup(options, rule)
  const connect = buildConnector({ timeout: connectMs, lookup, rejectUnauthorized: true })
  return (target, callback) => {
    const literal = target.hostname.replace(/^\[(.*)\]$/, '$1')
    // Node looks up names only: an address in the URL never reaches the lookup.
    if (isIP(literal) !== 0 && !rule.admits(literal)) return callback(refusedBy(rule), null)
    connect(target, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      if (rule.admits(socket.remoteAddress ?? '')) return callback(null, socket)
      socket.destroy()
      callback(refusedBy(rule), null)
    })
  }
}

/** The `signal` that Node's own connect takes keeps a listener of every socket until the signal is gone. */
export function endWith(socket: Socket, signal: AbortSignal): void {
  const end = () => socket.destroy(new Error('the run was aborted'))
  signal.addEventListener('abort', end, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', end))
}

async function guardedSocket(
  options: NetworkOptions,
  rule: Rule,
  { host, port }: Server,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted()
  if (isIP(host) !== 0 && !rule.admits(host)) throw refusedBy(rule)
  const socket = connectTcp({ host, port, lookup: guardedLookup(options, rule) })
  endWith(socket, signal)
  const late = setTimeout(
    () => socket.destroy(new NodeError('PROVIDER_DOWN', { detail: 'no connection in time' })),
    options.connectMs ?? CAPS.connectMs,
  )
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    if (!rule.admits(socket.remoteAddress ?? '')) throw refusedBy(rule)
    return socket
  } catch (cause) {
    socket.destroy()
    signal.throwIfAborted()
    if (cause instanceof NodeError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw new NodeError('PROVIDER_DOWN', { detail: code ?? 'no connection' })
  } finally {
    clearTimeout(late)
  }
}
