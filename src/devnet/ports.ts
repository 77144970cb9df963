/** The ports of a network, kept in its folder: DID documents name them, so that they stay the same at every start. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { NodeError } from '../errors.js'
import { EntryStore } from './entry-store.js'

export interface Ports {
  /** Registry and schemas. */
  readonly hub: number
  /** One per storage node. */
  readonly nodes: readonly number[]
}

const KEY = 'ports'

/**
 * `first` 0: the recorded ports, else free ones; otherwise `first` and those behind it.
 * @throws NodeError CONFIG_INVALID when the folder was made for other ports
 */
export async function portsFor(folder: string, first: number, nodes: number): Promise<Ports> {
  const store = new EntryStore<{ readonly all: readonly number[] }>(join(folder, 'network'))
  const recorded = store.get(KEY)?.all ?? []
  const all: number[] = []
  for (let at = 0; at <= nodes; at += 1) {
    const known = recorded[at]
    if (known !== undefined && first !== 0 && known !== first + at)
      throw new NodeError('CONFIG_INVALID', {
        detail: `the local network in ${folder} was made for port ${recorded[0] ?? 0}; use that port or another folder`,
      })
    all.push(known ?? (first === 0 ? await freePort() : first + at))
  }
  if (all.length > recorded.length) store.set(KEY, { all })
  const [hub = 0, ...rest] = all
  return { hub, nodes: rest }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
