/** The network as a whole: its folder is all it needs to start again, and its ports stay. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pinnedSchemas, schemaUri } from '../../../schemas/index.js'
import { runDevnet } from '../../../src/devnet/command.js'
import { startDevnet } from '../../../src/devnet/index.js'
import { postJson, registeredAccount, signIn } from '../../support/devnet-account.js'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'devnet-'))))
afterAll(() => rm(folder, { recursive: true }))

it('starts again from its folder: same ports, same DIDs, same databases', async () => {
  const first = await startDevnet({ folder, nodes: 2, port: 0 })
  const account = await registeredAccount(first, 1)
  const [node] = first.storageNodes
  const { accessToken } = await signIn(node!, account)
  await postJson(`${node?.url ?? ''}user/createDatabase`, { databaseName: 'kept' }, accessToken)
  await first.close()
  await first.close()

  const second = await startDevnet({ folder, nodes: 3, port: 0 })
  expect(second.rpcUrl).toBe(first.rpcUrl)
  expect(second.storageNodes.map(({ url }) => url).slice(0, 2)).toEqual(
    first.storageNodes.map(({ url }) => url),
  )
  const info = await postJson(`${node?.url ?? ''}user/databaseInfo`, { databaseName: 'kept' }, accessToken)
  expect(info.status).toBe(200)
  await signIn(node!, account)
  await second.close()
})

it('refuses a folder that was made for other ports, since its DID documents name them', async () => {
  await expect(startDevnet({ folder, nodes: 1, port: 1 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

it('leaves nothing running when a port is taken', async () => {
  const running = await startDevnet({ folder, nodes: 1, port: 0 })
  await expect(startDevnet({ folder, nodes: 1, port: 0 })).rejects.toThrow('EADDRINUSE')
  await running.close()
})

it('keeps each node in a folder of its own, secrets readable by nobody else', async () => {
  const secrets = await Promise.all(
    ['node-1', 'node-2'].map(async (node) => {
      const [file = ''] = await readdir(join(folder, node, 'secrets'))
      const path = join(folder, node, 'secrets', file)
      expect((await stat(path)).mode & 0o077).toBe(0)
      return JSON.parse(await readFile(path, 'utf8')) as { value: Record<string, string> }
    }),
  )
  const all = secrets.flatMap(({ value }) => Object.values(value))
  expect(new Set(all).size).toBe(10)
})

it('serves every pinned schema where its schemaPaths point', async () => {
  const devnet = await startDevnet({ folder, nodes: 1, port: 0 })
  const rewrite = (uri: string) => {
    const [from, to] = Object.entries(devnet.schemaPaths).find(([prefix]) => uri.startsWith(prefix))!
    return uri.replace(from, to)
  }
  const uri = schemaUri('social/post')
  expect(rewrite(uri).startsWith(devnet.schemaBase)).toBe(true)
  expect(await (await fetch(rewrite(uri))).json()).toEqual(pinnedSchemas().get(uri))
  for (const each of pinnedSchemas().keys()) expect((await fetch(rewrite(each))).status).toBe(200)
  await devnet.close()
})

it('as a command: prints the settings of a node and runs until it is told to end', async () => {
  const ends = new AbortController()
  const lines: string[] = []
  const run = runDevnet({
    nodes: 2,
    port: 0,
    folder,
    signal: ends.signal,
    print(line) {
      lines.push(line)
      if (lines.length === 4) ends.abort()
    },
  })
  await run
  expect(lines.map((line) => line.split('=')[0])).toEqual([
    'VERIDA_NETWORK',
    'VERIDA_RPC_URL',
    'VERIDA_STORAGE_NODES',
    'VERIDA_DID_ENDPOINTS',
  ])
})
