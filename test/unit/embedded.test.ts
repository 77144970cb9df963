/** The embedded network names the setting of a port that it cannot have, and leaves nothing open. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '../../src/config.js'
import { startEmbedded } from '../../src/embedded.js'

let folder: string
let other: Server
let taken: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-'))
  other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  taken = (other.address() as AddressInfo).port
})
afterAll(async () => {
  await new Promise((resolve) => other.close(resolve))
  await rm(folder, { recursive: true })
})

it.each([
  ['SANDBOX_PORT', { DEVNET_PORT: '0' }],
  ['DEVNET_PORT', { SANDBOX_PORT: '0' }],
] as const)('a %s that is another’s is named, with what to do', async (setting, free) => {
  const ports = { ...free, [setting]: String(taken) }
  const config = readConfig({ DATA_DIR: join(folder, setting), DEVNET_NODES: '1', ...ports })
  await expect(startEmbedded(config, [])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    detail: expect.stringContaining(
      `port ${taken} is in use: stop what uses it, or set ${setting}`,
    ) as string,
  })
})
