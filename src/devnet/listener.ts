/** One HTTP server on one port; it ends open connections when it stops. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class Listener {
  #server: Server | undefined

  /** Starts. `port` 0 takes a free one. @returns the port @throws the system's error when the port is taken */
  async listen(port: number, host: string, handler: RequestListener): Promise<number> {
    const server = createServer(handler)
    // Change feeds wait as long as their clients do.
    server.requestTimeout = 0
    server.keepAliveTimeout = 60_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#server = server
    return (server.address() as AddressInfo).port
  }

  /** A second call does nothing. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
}
