/** The node's port: taken first, so that addresses are known, and answering "not ready" until the app is there. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeError } from './errors.js'

export interface Listener {
  /** `http://host:port`, without a slash at the end. */
  readonly origin: string
  /** From now on requests go to the app. */
  serve(app: RequestListener): void
  /** Takes no new connections, lets answers under way end, and closes what stays open. */
  close(): Promise<void>
}

/** A slow sender may not hold a connection for longer (security.md 58). */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 60_000
/** What a stop waits for answers under way. */
const DRAIN_MS = 5_000

/** @throws NodeError CONFIG_INVALID when the port cannot be had */
export async function openListener({ host, port }: { host: string; port: number }): Promise<Listener> {
  let app: RequestListener = (_req, res) => {
    res.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
    res.end('{"status":"starting"}')
  }
  const server = createServer((req, res) => app(req, res))
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const detail = `port ${port} on ${host} cannot be used (${cause.code ?? cause.message}): set PORT to another, or stop what uses it`
      reject(new NodeError('CONFIG_INVALID', { detail, cause }))
    })
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    serve: (listener) => {
      app = listener
    },
    close: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
        server.close((error) => {
          clearTimeout(timer)
          if (error) reject(error)
          else resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
