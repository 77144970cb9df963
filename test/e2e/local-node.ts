/** A whole node in the test's own process, asked over HTTP only; its log is kept, at every level. */
import { readConfig } from '../../src/config.js'
import { createLog } from '../../src/lib/log.js'
import { startNode, type NodeOptions, type RunningNode } from '../../src/main.js'
import type { World } from './world.js'

export interface LocalNode {
  readonly url: string
  readonly running: RunningNode
  /** All lines so far. */
  log(): string
  close(): Promise<void>
}

export async function localNode(
  world: World,
  more?: Readonly<Record<string, string>>,
  options: Pick<NodeOptions, 'network'> = {},
): Promise<LocalNode> {
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: true, write: (line) => lines.push(line) })
  const running = await startNode({ config: readConfig(world.environment(more)), log, ...options })
  await world.welcome(running)
  return { url: running.url, running, log: () => lines.join(''), close: () => running.close() }
}
