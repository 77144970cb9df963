import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, expectTypeOf, test } from 'vitest'
import type { ProofFacts } from '../../../src/sync/destination.js'
import type { VaultProof } from '../../../src/vault/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import {
  hashOf,
  leavesAt,
  namesAt,
  POST,
  posts,
  sync,
  testNode,
  write,
  type Item,
  type TestNode,
} from '../../support/vault-node.js'

let devnet: TestDevnet
let node: TestNode

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
})
afterAll(() => devnet.close())
beforeEach(async () => {
  node = await testNode(devnet)
})
afterEach(async () => {
  for (const { faults } of devnet.storageNodes) faults.clear()
  await node.close()
})

/** Stages items that reach no storage node, and ends there as a crash does. */
async function crashAfterStaging(on: TestNode, items: readonly Item[]): Promise<void> {
  const open = await on.vault.destination.open(on.context())
  for (const { faults } of devnet.storageNodes)
    faults.set({ at: 'bulkDocs', fault: { kind: 'status', status: 503 } })
  await write(open, items)
  await open.close()
  await on.vault.close()
  for (const { faults } of devnet.storageNodes) faults.clear()
}

test('what a crash left is sent, seen on every storage node and erased at the next start, without any key', async () => {
  const { granted } = await sync(node, posts(10), {})
  await crashAfterStaging(node, [...posts(10, 'second'), ...posts(20, 'new', 10)])
  const next = await node.restart()
  expect(await next.vault.recoverLeftovers()).toEqual({ finished: 1, dropped: 0, kept: 0 })
  expect(await next.stagingFolders()).toEqual([])
  expect(next.plane.staged.size).toBe(0)
  const whole = new Map([...posts(10, 'second'), ...posts(20, 'new', 10)])
  for (const index of [0, 1]) expect(await namesAt(devnet, index, next, granted[POST]!)).toEqual(whole)
  await next.vault.close()
})

test('what a crash left is finished by the next sync of the connection, and its records are not written again', async () => {
  await crashAfterStaging(node, posts(15))
  const next = await node.restart()
  const done = await sync(next, posts(15))
  expect(done).toMatchObject({ written: 0, unchanged: 15 })
  expect(await next.stagingFolders()).toEqual([])
  await next.vault.close()
})

test('a connection that another run holds keeps its leftovers', async () => {
  await crashAfterStaging(node, posts(5))
  const next = await node.restart({
    leases: {
      acquire: async () => 'busy',
      renew: async () => undefined,
      release: async () => undefined,
    },
  })
  expect(await next.vault.recoverLeftovers()).toEqual({ finished: 0, dropped: 0, kept: 0 })
  expect(await next.stagingFolders()).toHaveLength(1)
  await next.vault.close()
})

test('leftovers stay while a storage node is down', async () => {
  await crashAfterStaging(node, posts(5))
  await devnet.storageNodes[0]!.stop()
  const next = await node.restart()
  const counts = await next.vault.recoverLeftovers()
  await devnet.storageNodes[0]!.start()
  expect(counts).toEqual({ finished: 0, dropped: 0, kept: 1 })
  expect(await next.vault.recoverLeftovers()).toEqual({ finished: 1, dropped: 0, kept: 0 })
  await next.vault.close()
})

test('what a storage node does not take at the opening is finished by the same run, once that node is seen to hold the slice', async () => {
  await crashAfterStaging(node, posts(15))
  const next = await node.restart()
  const { faults } = devnet.storageNodes[1]!
  faults.set({ at: 'bulkDocs', fault: { kind: 'status', status: 503 } })
  const open = await next.vault.destination.open(next.context())
  expect(await next.stagingFolders()).toHaveLength(1)
  faults.clear()
  await write(open, posts(20, 'new', 15))
  await open.release(await open.prove({ final: true }))
  expect(await next.stagingFolders()).toEqual([])
  expect(next.plane.staged.size).toBe(0)
  const whole = new Map([...posts(15), ...posts(20, 'new', 15)])
  for (const index of [0, 1]) expect(await namesAt(devnet, index, next, open.granted()[POST]!)).toEqual(whole)
  await open.close()
  await next.vault.close()
})

test('a leftover that another machine has overtaken is not sent: the newer value stays, without a conflict', async () => {
  const { granted } = await sync(node, posts(5))
  await crashAfterStaging(node, posts(5, 'left behind'))
  const folder = await mkdtemp(join(tmpdir(), 'vault-other-'))
  const other = await node.restart({ dataDir: folder })
  await sync(other, posts(5, 'newer'))
  await sync(other, posts(5, 'newest'))
  await other.vault.close()
  await rm(folder, { recursive: true })

  const next = await node.restart()
  expect(await next.vault.recoverLeftovers()).toMatchObject({ finished: 1 })
  expect(await next.stagingFolders()).toEqual([])
  for (const index of [0, 1]) {
    expect(await namesAt(devnet, index, next, granted[POST]!)).toEqual(new Map(posts(5, 'newest')))
    const leaves = [...(await leavesAt(devnet, index, next, granted[POST]!.databaseName)).values()]
    expect(leaves.filter((revs) => revs.length !== 1)).toEqual([])
  }
  await next.vault.close()
})

test('a leftover of a forgotten database is dropped and the database does not come back', async () => {
  const { granted } = await sync(node, posts(5))
  await crashAfterStaging(node, posts(5, 'left behind'))
  const folder = await mkdtemp(join(tmpdir(), 'vault-other-'))
  const other = await node.restart({ dataDir: folder })
  expect(await other.vault.destination.forget(other.context())).toEqual([POST])
  await other.vault.close()
  await rm(folder, { recursive: true })

  const next = await node.restart()
  expect(await next.vault.recoverLeftovers()).toEqual({ finished: 0, dropped: 1, kept: 0 })
  for (const { couchUrl, admin } of devnet.storageNodes) {
    const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
    const answer = await fetch(`${couchUrl}/${hashOf(next, granted[POST]!.databaseName)}`, {
      headers: { authorization },
    })
    expect(answer.status).toBe(404)
  }
  await next.vault.close()
})

test('a damaged staging folder is dropped, and the records come from the provider again', async () => {
  await crashAfterStaging(node, posts(5))
  const [name = ''] = await node.stagingFolders()
  const folder = join(node.dataDir, 'staging', name)
  for (const file of await readdir(folder))
    if (/^(CURRENT|MANIFEST.*)$/.test(file)) await truncate(join(folder, file), 1)
  const next = await node.restart()
  expect(await next.vault.recoverLeftovers()).toEqual({ finished: 0, dropped: 1, kept: 0 })
  expect(await sync(next, posts(5))).toMatchObject({ written: 5 })
  await next.vault.close()
})

test('what was proven but not erased before the end of the process is erased at the next start', async () => {
  const run = node.context()
  const open = await node.vault.destination.open(run)
  await write(open, posts(5))
  await open.prove({ final: true })
  await open.close()
  await node.vault.close()
  const next = await node.restart()
  expect(await next.stagingFolders()).toHaveLength(1)
  expect(await next.vault.recoverLeftovers()).toMatchObject({ finished: 1 })
  expect(await next.stagingFolders()).toEqual([])
  await next.vault.close()
})

test('a staging that was not proven cannot be released: facts are no proof', async () => {
  const open = await node.vault.destination.open(node.context())
  expectTypeOf<ProofFacts>().not.toExtend<Parameters<typeof open.release>[0]>()
  await write(open, posts(1))
  await expect(open.release({ databases: [] } as unknown as VaultProof)).rejects.toThrow(TypeError)
  expect(await node.stagingFolders()).toHaveLength(1)
  await open.close()
})
