/** A local network for one test file, in a folder that goes with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevnet, type Devnet, type DevnetOptions } from '../../src/devnet/index.js'

export interface TestDevnet extends Devnet {
  readonly folder: string
}

/** `close` removes the folder too. */
export async function testDevnet(options: Partial<DevnetOptions> = {}): Promise<TestDevnet> {
  const folder = await mkdtemp(join(tmpdir(), 'devnet-'))
  const devnet = await startDevnet({ folder, nodes: 1, port: 0, ...options })
  return {
    ...devnet,
    folder,
    async close() {
      await devnet.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
