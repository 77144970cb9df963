/** `connector-node devnet`: a local Verida network by itself, until it is told to stop. */
import { runDevnet } from '../devnet/command.js'

export interface DevnetFacts {
  readonly nodes: number
  readonly port: number
  readonly folder: string
}

export async function devnet(facts: DevnetFacts): Promise<number> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  await runDevnet({ ...facts, signal: stop.signal, print: (line: string) => console.log(line) })
  return 0
}
