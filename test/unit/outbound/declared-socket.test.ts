/** Bare connections over real TCP: only servers that the account names, only at addresses that may be called. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { madeUpIdentity } from '../../../providers/postgres/fixtures/identity.js'
import { createNetwork } from '../../../src/outbound/index.js'
import { declaredSocket, type SocketOptions } from '../../../src/outbound/declared-socket.js'
import { systemClock } from '../../../src/lib/clock.js'
import { NodeError } from '../../../src/provider/index.js'
import { network } from './service.js'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A server that says hello and keeps its connections. */
async function greeter() {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined))
    socket.write('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets }
}

type Options = Partial<Omit<SocketOptions, 'patience'>> & {
  readonly reach?: 'public' | 'operator'
  readonly signal?: AbortSignal
  readonly deadlineAtMs?: number
}

function optionsOf({
  reach = 'operator',
  signal,
  deadlineAtMs = Infinity,
  ...options
}: Options): SocketOptions {
  return {
    hosts: () => ({ server: () => reach }),
    network: network(),
    patience: { clock: systemClock, signal: signal ?? new AbortController().signal, deadlineAtMs },
    ...options,
  }
}

describe('a declared socket', () => {
  it('connects to a server that the operator allowed, and closes with its run', async () => {
    const { port } = await greeter()
    const stop = new AbortController()
    const socket = await declaredSocket(optionsOf({ signal: stop.signal }), { host: '127.0.0.1', port })
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    expect(bytes.toString()).toBe('hello')
    const failed = once(socket, 'error')
    stop.abort(new Error('the node stops'))
    await failed
    expect(socket.destroyed).toBe(true)
  })

  it('is not opened to a server that nobody named', async () => {
    const { port, sockets } = await greeter()
    const hosts = () => ({
      server: (): never => {
        throw new NodeError('PROVIDER_CHANGED')
      },
    })
    await expect(declaredSocket(optionsOf({ hosts }), { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
    expect(sockets).toEqual([])
  })

  it.each([
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
    '::ffff:127.0.0.1',
    'localhost',
    '127.1',
    '2130706433',
  ])('is not opened at the inner address %s unless the operator allowed it', async (host) => {
    const { port, sockets } = await greeter()
    await expect(declaredSocket(optionsOf({ reach: 'public' }), { host, port })).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
    expect(sockets).toEqual([])
  })

  it('is refused when one of a name’s addresses is an inner one', async () => {
    const { port, sockets } = await greeter()
    const mixed = createNetwork({
      resolve: async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    })
    const made = declaredSocket(optionsOf({ reach: 'public', network: mixed }), { host: 'db.test', port })
    await expect(made).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: expect.stringContaining('refused') as string,
    })
    expect(sockets).toEqual([])
  })

  it('gives up in time, on a name that does not resolve, and on a port where nobody listens', async () => {
    const never = network({ resolve: () => new Promise(() => undefined), connectMs: 50 })
    const nobody = network({
      resolve: () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
    })
    for (const [used, detail] of [
      [never, 'no connection in time'],
      [nobody, 'ENOTFOUND'],
    ] as const)
      await expect(
        declaredSocket(optionsOf({ network: used }), { host: 'db.test', port: 5 }),
      ).rejects.toMatchObject({ code: 'PROVIDER_DOWN', detail })
    await expect(declaredSocket(optionsOf({}), { host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
      detail: 'ECONNREFUSED',
    })
  })

  it('passes on the reason of an abort while it connects, and ends a little after the deadline', async () => {
    const stop = new AbortController()
    const never = network({ resolve: () => new Promise(() => undefined) })
    const made = declaredSocket(optionsOf({ network: never, signal: stop.signal }), {
      host: 'db.test',
      port: 5,
    })
    stop.abort(new Error('the node stops'))
    await expect(made).rejects.toThrow('the node stops')
    const { port } = await greeter()
    const late = optionsOf({ deadlineAtMs: Date.now(), caps: { overtimeMs: 30 } })
    const socket = await declaredSocket(late, { host: '127.0.0.1', port })
    const [error] = (await once(socket.resume(), 'error')) as [Error]
    expect(error).toMatchObject({ code: 'PROVIDER_DOWN' })
  })

  it('ends when more comes than one connection may bring, under TLS too', async () => {
    const identity = await madeUpIdentity()
    const sockets: Socket[] = []
    const pour = (socket: Socket) => {
      sockets.push(socket.on('error', () => socket.destroy()))
      const more = () => {
        if (socket.writable) socket.write(Buffer.alloc(100_000), more)
      }
      more()
    }
    const plain = createServer(pour).listen(0, '127.0.0.1')
    const secure = createTlsServer(identity, pour).listen(0, '127.0.0.1')
    open.push(() => {
      for (const socket of sockets) socket.destroy()
      plain.close()
      secure.close()
    })
    for (const server of [plain, secure]) {
      if (!server.listening) await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const options = optionsOf({ caps: { socketBytes: 1_000_000 } })
      const socket = await declaredSocket(options, { host: '127.0.0.1', port })
      const failed = once(socket, 'error')
      const read = server === secure ? connectTls({ socket, ca: identity.cert, host: '127.0.0.1' }) : socket
      read.on('error', () => undefined).resume()
      const [error] = (await failed) as [Error]
      expect(error).toMatchObject({ code: 'PROVIDER_DOWN', detail: 'more than 1000000 bytes' })
      expect(socket.bytesRead).toBeLessThan(1_000_000_000)
    }
  })
})
