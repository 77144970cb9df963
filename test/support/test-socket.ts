/** A connection to the fake server of a provider that speaks no HTTP. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { endWith } from '../../src/outbound/network.js'
import { NodeError } from '../../src/provider/index.js'
import { BrokenRule } from './broken-rule.js'
import type { ProviderCase } from './provider-case.js'
import { declaredHosts } from './provider-settings.js'

/**
 * Whatever declared server is asked for, the fake one answers. An abort closes the connection, as it closes the node's own.
 * @throws BrokenRule: an undeclared server, or no `fixtures/service.ts`; NodeError PROVIDER_DOWN
 */
export async function testSocket(
  one: ProviderCase,
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<Socket> {
  const { path, socketPort } = one
  if (socketPort === undefined) throw new BrokenRule('it is missing', `${path}/fixtures/service.ts`)
  const isDeclared = one.provider.auth.some((auth) => declaredHosts(one, auth).includes(`${host}:${port}`))
  if (!isDeclared)
    throw new BrokenRule(`it calls ${host}:${port}, which is not among hosts`, `${path}/index.ts`)
  signal?.throwIfAborted()
  const socket = connect(socketPort, '127.0.0.1')
  if (signal !== undefined) endWith(socket, signal)
  try {
    await once(socket, 'connect')
    return socket
  } catch (cause) {
    signal?.throwIfAborted()
    throw new NodeError('PROVIDER_DOWN', { detail: 'no connection', cause })
  }
}
