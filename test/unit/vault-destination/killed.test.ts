import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Redacted } from '../../../src/lib/redacted.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { leavesAt, namesAt, newControlPlane, POST, posts, sync, testNode } from '../../support/vault-node.js'
import type { ChildFacts } from './killed-child.js'

let devnet: TestDevnet
let dataDir: string

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  dataDir = await mkdtemp(join(tmpdir(), 'vault-killed-'))
})
afterAll(async () => {
  await devnet.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function runAndKill(facts: ChildFacts, afterMs: number): Promise<void> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const program = fileURLToPath(new URL('./killed-child.ts', import.meta.url))
  const child = fork(program, [JSON.stringify(facts)], { execArgv: ['--import', loader] })
  const exit = once(child, 'exit')
  const [said] = (await Promise.race([once(child, 'message'), exit])) as unknown[]
  expect(said).toBe('open')
  await wait(afterMs)
  child.kill('SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
}

test('killed at any moment: one start and one sync later everything is whole on every storage node, and nothing is left here', async () => {
  const privateKey = randomBytes(32).toString('hex')
  const secret = randomBytes(32)
  const file = join(dataDir, 'plane.json')
  await writeFile(file, JSON.stringify({ rows: [], staged: [] }))
  const { rpcUrl, didEndpoints } = devnet
  const storageNodes = devnet.storageNodes.map(({ url }) => ({ url }))
  const facts = {
    network: { rpcUrl, didEndpoints, storageNodes },
    dataDir,
    file,
    privateKey,
    secret: secret.toString('hex'),
  }
  // The moments differ on purpose: the state after each must be sound whatever was under way.
  for (const [round, afterMs] of [15, 90, 230].entries())
    await runAndKill({ ...facts, text: `round ${round}`, runs: round }, afterMs)

  const plane = newControlPlane()
  plane.lease += 10
  const saved = JSON.parse(await readFile(file, 'utf8')) as Record<'rows' | 'staged', [string, never][]>
  for (const [key, value] of saved.rows) plane.rows.set(key, value)
  for (const [key, value] of saved.staged) plane.staged.set(key, value)
  const node = await testNode(devnet, {}, { plane, dataDir, privateKey: new Redacted(privateKey), secret })
  expect(await node.vault.recoverLeftovers()).toMatchObject({ kept: 0 })
  expect(await node.stagingFolders()).toEqual([])
  const done = await sync(node, posts(400, 'last'))
  const database = done.granted[POST]!
  const leaves = await Promise.all(
    [0, 1].map((index) => leavesAt(devnet, index, node, database.databaseName)),
  )
  expect(leaves[0]).toEqual(leaves[1])
  expect([...leaves[0]!.values()].filter((revs) => revs.length > 1)).toEqual([])
  for (const index of [0, 1])
    expect(await namesAt(devnet, index, node, database)).toEqual(new Map(posts(400, 'last')))
  await node.vault.close()
}, 60_000)
