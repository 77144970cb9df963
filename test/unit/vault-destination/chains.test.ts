import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { leavesAt, POST, posts, sync, testNode, type TestNode } from '../../support/vault-node.js'

let devnet: TestDevnet
let node: TestNode
let accounts = 0

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  node = await testNode(devnet)
})
afterAll(async () => {
  await node.close()
  await devnet.close()
})

function connection() {
  accounts += 1
  return { connectionId: `connection-${accounts}`, accountId: `account-${accounts}` }
}

const chainOf = (name: string) => node.plane.receipts.get(name) ?? []

test('receipts of a database follow each other, and the head beside the data is not part of its state', async () => {
  const context = connection()
  const first = await sync(node, posts(3), { context })
  const second = await sync(node, posts(3, 'second'), { context })
  const [receipt] = second.receipts
  expect(receipt?.body).toMatchObject({ sequence: 2, previous: first.receipts[0]?.hash, notes: [] })
  expect(receipt?.body.state?.liveCount).toBe(3)
  expect((await leavesAt(devnet, 0, node, first.granted[POST]!.databaseName)).size).toBe(4)
})

test('a control plane restored from a backup is noted, once', async () => {
  const context = connection()
  const { granted } = await sync(node, posts(2), { context })
  const { databaseName } = granted[POST]!
  const backup = chainOf(databaseName)
  await sync(node, posts(2, 'second'), { context })
  await sync(node, posts(2, 'third'), { context })
  node.plane.receipts.set(databaseName, backup)
  const done = await sync(node, posts(2, 'third'), { context })
  expect(done.receipts[0]?.body.notes).toEqual([
    'storage nodes hold receipt 3, this node knows 1: restored from a backup',
  ])
  expect((await sync(node, posts(2, 'third'), { context })).receipts).toEqual([])
})

test('a second chain of the same database is noted as a fork', async () => {
  const context = connection()
  const { granted } = await sync(node, posts(2), { context })
  const { databaseName } = granted[POST]!
  const [only] = chainOf(databaseName)
  node.plane.receipts.set(databaseName, [{ ...only!, hash: 'f'.repeat(64) }])
  const done = await sync(node, posts(2), { context })
  expect(done.receipts[0]?.body.notes).toEqual(['storage nodes hold another receipt 1: the chain was forked'])
})

test('a head that was not written before the end of the process is written at the next opening, without a note', async () => {
  const context = connection()
  await sync(node, posts(2), { context })
  for (const { faults } of devnet.storageNodes)
    faults.set({ at: 'bulkDocs', after: 1, fault: { kind: 'status', status: 503 } })
  await sync(node, posts(2, 'second'), { context })
  for (const { faults } of devnet.storageNodes) faults.clear()
  const done = await sync(node, posts(2, 'third'), { context })
  expect(done.receipts[0]?.body).toMatchObject({ sequence: 3, notes: [] })
})

test('storage nodes that were all rolled back are noted, though no storage node can repair them', async () => {
  const context = connection()
  await sync(node, posts(20), { context })
  for (const { faults } of devnet.storageNodes) await faults.lose({ share: 0.5 })
  const done = await sync(node, [], { context })
  expect(done.receipts[0]?.body.notes.at(-1)).toMatch(
    /^storage nodes hold another state than receipt 1 states$/,
  )
})

test('after a database was forgotten its chain goes on, and the empty database is no loss', async () => {
  const context = connection()
  await sync(node, posts(3), { context })
  await sync(node, posts(3, 'second'), { context })
  await node.vault.destination.forget(node.context(context))
  const done = await sync(node, posts(3, 'third'), { context })
  expect(done.receipts[0]?.body).toMatchObject({ sequence: 3, notes: [], state: { liveCount: 3 } })
  expect((await sync(node, posts(3, 'third'), { context })).receipts).toEqual([])
})

test('when the kept leaves of a forgotten database are lost, documents start above every earlier generation', async () => {
  const context = connection()
  const { granted } = await sync(node, posts(2), { context })
  const { databaseName } = granted[POST]!
  await node.vault.destination.forget(node.context(context))
  node.plane.rows.set(databaseName, { ...node.plane.rows.get(databaseName)!, leavesSealed: null })
  node.plane.receipts.delete(databaseName)
  await sync(node, posts(2), { context })
  await sync(node, posts(4), { context })
  const hours = Math.floor(Date.now() / 3_600_000)
  const revs = [...(await leavesAt(devnet, 0, node, databaseName)).values()].flat()
  const generations = revs.map((rev) => Number(rev.split('-')[0])).filter((generation) => generation > 1)
  expect(generations.length).toBeGreaterThanOrEqual(4)
  expect(Math.min(...generations)).toBeGreaterThanOrEqual(hours - 1)
})
