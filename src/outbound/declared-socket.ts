/** A bare connection to a server that an account names, for providers that do not speak HTTP. It ends with its run. */
import type { Socket } from 'node:net'
import { NodeError } from '../errors.js'
import { CAPS, type Caps } from './caps.js'
import type { DeclaredHosts } from './declared-hosts.js'
import { systemNetwork, type Network, type Server } from './network.js'
import type { PatienceOptions } from './patience.js'

export interface SocketOptions {
  readonly hosts: () => Pick<DeclaredHosts, 'server'>
  readonly network?: Network | undefined
  readonly caps?: Partial<Caps> | undefined
  /** The run's: its abort and its end close the connection. */
  readonly patience: PatienceOptions
}

/** @throws NodeError PROVIDER_CHANGED: a server that nobody named; PROVIDER_DOWN: no connection, or not an address that may be called */
export async function declaredSocket(options: SocketOptions, server: Server): Promise<Socket> {
  const { hosts, network = systemNetwork, caps, patience } = options
  const reach = hosts().server(server.host, server.port)
  const socket = await network.socket(reach, server, patience.signal)
  endWhenTooMuch(socket, caps?.socketBytes ?? CAPS.socketBytes)
  if (patience.deadlineAtMs === Infinity) return socket
  const leftMs = Math.max(0, patience.deadlineAtMs - patience.clock.now())
  const end = setTimeout(
    () => socket.destroy(new NodeError('PROVIDER_DOWN', { detail: 'not done in the time of this run' })),
    leftMs + (caps?.overtimeMs ?? CAPS.overtimeMs),
  )
  socket.once('close', () => clearTimeout(end))
  return socket
}

/** How much may come between two looks at the count. */
const LOOK_MS = 50

/** Looked at from time to time: under TLS the bytes pass the socket without an event. */
function endWhenTooMuch(socket: Socket, maxBytes: number): void {
  const looking = setInterval(() => {
    if (socket.bytesRead <= maxBytes) return
    socket.destroy(new NodeError('PROVIDER_DOWN', { detail: `more than ${maxBytes} bytes` }))
  }, LOOK_MS)
  socket.once('close', () => clearInterval(looking))
}
