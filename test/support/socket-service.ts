/** The fake server of a provider that speaks no HTTP: `fixtures/service.ts` of its folder, and servers that only fail. */
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What `startService` of `fixtures/service.ts` gives: a server on 127.0.0.1. */
export interface SocketService {
  readonly port: number
  close(): Promise<void>
}

/** Starts the service of a provider's folder; undefined where it has none. @throws when the file has another form */
export async function startSocketService(folder: string): Promise<SocketService | undefined> {
  const file = join(folder, 'fixtures', 'service.ts')
  if (!existsSync(file)) return undefined
  const { startService } = (await import(pathToFileURL(file).href)) as {
    readonly startService?: () => Promise<SocketService>
  }
  if (typeof startService === 'function') return startService()
  throw new Error(`${file} exports no function startService`)
}

/** How a server fails that speaks no HTTP: cut off at once, no word, or the words of another protocol. */
export type SocketFailing = 'cut' | 'silence' | 'other protocol'

export interface FailingService extends SocketService {
  /** Resolves when the next connection has come. */
  arrival(): Promise<unknown>
  /** Connections since the last `arrival`. */
  count(): number
}

export async function startFailingService(failing: SocketFailing): Promise<FailingService> {
  const open = new Set<Socket>()
  let count = 0
  const server = createServer((socket) => {
    open.add(socket)
    count += 1
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
    if (failing === 'cut') socket.destroy()
    if (failing === 'other protocol') socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    count: () => count,
    arrival() {
      count = 0
      return once(server, 'connection')
    },
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
