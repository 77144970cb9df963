/** Storage nodes that lie, lose, refuse, hang or are away: nothing is erased here until each was seen to hold everything. */
import { cp, rm, rename } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FaultSwitch } from '../../src/devnet/index.js'
import type { NodeError } from '../../src/errors.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import {
  finish,
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
} from '../support/vault-node.js'

let devnet: TestDevnet
let node: TestNode
let accounts = 0

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  node = await testNode(devnet, { storageTimeoutMs: 700 })
})
afterEach(async () => {
  for (const { faults } of devnet.storageNodes) faults.clear()
})
afterAll(async () => {
  await node.close()
  await devnet.close()
})

/** A connection of its own for each test. */
function connection() {
  accounts += 1
  return { connectionId: `connection-${accounts}`, accountId: `account-${accounts}` }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as NodeError).code,
  )

/** Everything is on both storage nodes, the same revisions, nothing in conflict, and nothing is left here. */
async function expectWhole(
  granted: Awaited<ReturnType<typeof sync>>['granted'],
  items: readonly Item[],
): Promise<void> {
  const database = granted[POST]!
  const [first, second] = await Promise.all(
    [0, 1].map((index) => leavesAt(devnet, index, node, database.databaseName)),
  )
  expect(first).toEqual(second)
  expect([...(first?.values() ?? [])].filter((revs) => revs.length > 1)).toEqual([])
  for (const index of [0, 1]) expect(await namesAt(devnet, index, node, database)).toEqual(new Map(items))
  expect(await node.stagingFolders()).toEqual([])
}

describe('a node that lies about one batch is found out and repaired before the erasure', () => {
  const lies: Readonly<Record<string, FaultSwitch>> = {
    'stores nothing and says it did': { at: 'bulkDocs', fault: { kind: 'drop', share: 1 }, times: 1 },
    'leaves out every second document': { at: 'bulkDocs', fault: { kind: 'drop', share: 0.5 }, times: 1 },
    'refuses some documents': { at: 'bulkDocs', fault: { kind: 'refuse', share: 0.1 }, times: 1 },
    'stores half and cuts the connection': { at: 'bulkDocs', fault: { kind: 'halfWrite' }, times: 1 },
    'stores all and cuts the connection': { at: 'bulkDocs', fault: { kind: 'lost' }, times: 1 },
    'answers 500': { at: 'bulkDocs', fault: { kind: 'status', status: 500 }, times: 1 },
    'refuses the token': { at: 'bulkDocs', fault: { kind: 'status', status: 401 }, times: 1 },
  }
  test.each(Object.entries(lies))('%s', async (_name, lie) => {
    const context = connection()
    await sync(node, [], { context })
    devnet.storageNodes[1]!.faults.set(lie)
    const items = posts(150)
    const done = await sync(node, items, { context })
    expect(done.proof.databases[0]?.nodes.map(({ missing }) => missing)).toEqual([0, 0])
    await expectWhole(done.granted, items)
  })
})

describe('a node that goes on lying stops the erasure, and after it was mended the next sync finishes', () => {
  const lies: Readonly<Record<string, { readonly switches: readonly FaultSwitch[]; readonly code: string }>> =
    {
      'stores nothing': {
        switches: [{ at: 'bulkDocs', fault: { kind: 'drop', share: 1 } }],
        code: 'REPLICATION_STALLED',
      },
      'refuses some documents': {
        switches: [{ at: 'bulkDocs', fault: { kind: 'refuse', share: 0.5 } }],
        code: 'REPLICATION_STALLED',
      },
      'stores nothing and names everything': {
        switches: [
          { at: 'bulkDocs', fault: { kind: 'drop', share: 1 } },
          { at: 'revsDiff', fault: { kind: 'nothingMissing' } },
        ],
        code: 'VERIFY_MISMATCH',
      },
      'hangs on every write': {
        switches: [{ at: 'bulkDocs', fault: { kind: 'hang' } }],
        code: 'STORAGE_UNREACHABLE',
      },
      'hangs on everything': {
        switches: [{ at: 'couch', fault: { kind: 'hang' } }],
        code: 'STORAGE_UNREACHABLE',
      },
      'answers 503 to everything': {
        switches: [{ at: 'any', fault: { kind: 'status', status: 503 } }],
        code: 'STORAGE_UNREACHABLE',
      },
    }
  test.each(Object.entries(lies))('%s', async (_name, { switches, code }) => {
    const context = connection()
    await sync(node, posts(20), { context })
    devnet.storageNodes[1]!.faults.set(...switches)
    expect(await codeOf(sync(node, [...posts(20, 'edited'), ...posts(60, 'new', 20)], { context }))).toBe(
      code,
    )
    expect(await node.stagingFolders()).toHaveLength(1)

    devnet.storageNodes[1]!.faults.clear()
    const items = [...posts(20, 'edited'), ...posts(60, 'new', 20)]
    const done = await sync(node, items, { context })
    await expectWhole(done.granted, items)
  })
})

test('a node that is down stops the erasing and not the writing, and gets everything when it is back', async () => {
  const context = connection()
  await sync(node, posts(10), { context })
  await devnet.storageNodes[0]!.stop()
  const run = node.context(context)
  const open = await node.vault.destination.open(run)
  expect(await write(open, posts(40, 'while it was away'))).toMatchObject({ written: 40 })
  expect(await codeOf(open.prove({ final: true }))).toBe('STORAGE_UNREACHABLE')
  await open.close()
  expect(await node.stagingFolders()).toHaveLength(1)

  await devnet.storageNodes[0]!.start()
  const done = await sync(node, posts(40, 'while it was away'), { context })
  expect(done.written).toBe(0)
  await expectWhole(done.granted, posts(40, 'while it was away'))
})

test('a node that comes back during a run is brought in step before it proves anything', async () => {
  const context = connection()
  await sync(node, posts(10), { context })
  await sync(node, posts(10, 'second'), { context })
  await devnet.storageNodes[1]!.stop()
  const run = node.context(context)
  const open = await node.vault.destination.open(run)
  await write(open, posts(10, 'third'))
  await devnet.storageNodes[1]!.start()
  const { proof } = await finish(node, open, run.leaseNumber)
  expect(proof.databases[0]?.nodes).toHaveLength(2)
  const granted = open.granted()
  await open.close()
  await expectWhole(granted, posts(10, 'third'))
})

test('with VERIFY_NODES=1 a sync ends well while one of two nodes is down, which is made whole by the next', async () => {
  const lenient = await node.restart({ verifyNodes: 1 })
  const context = connection()
  await sync(lenient, posts(5), { context })
  await devnet.storageNodes[1]!.stop()
  const away = await sync(lenient, posts(5, 'second'), { context })
  expect(away.proof.databases[0]?.nodes).toHaveLength(1)
  expect(await lenient.stagingFolders()).toEqual([])
  await devnet.storageNodes[1]!.start()
  const back = await sync(lenient, posts(5, 'second'), { context })
  expect(back.proof.databases[0]?.notes).toEqual([`brought 6 revisions to ${devnet.storageNodes[1]!.url}`])
  await expectWhole(back.granted, posts(5, 'second'))
  await lenient.vault.close()
})

test('a node that missed a whole sync and comes back during the next is aligned before it gets anything on top', async () => {
  const lenient = await node.restart({ verifyNodes: 1 })
  const context = connection()
  await sync(lenient, posts(5), { context })
  await devnet.storageNodes[1]!.stop()
  await sync(lenient, posts(5, 'second'), { context })
  const run = lenient.context(context)
  const open = await lenient.vault.destination.open(run)
  await write(open, posts(5, 'third'))
  await devnet.storageNodes[1]!.start()
  await finish(lenient, open, run.leaseNumber)
  const granted = open.granted()
  await open.close()
  await expectWhole(granted, posts(5, 'third'))
  await lenient.vault.close()
})

test('documents that a node lost after they were erased here come back from the other, and the receipt says so', async () => {
  const context = connection()
  await sync(node, posts(30), { context })
  await devnet.storageNodes[0]!.faults.lose({ share: 0.5 })
  const done = await sync(node, posts(30), { context })
  expect(done.written).toBe(0)
  expect(done.receipts[0]?.body.notes[0]).toMatch(/^brought \d+ revisions to /)
  await expectWhole(done.granted, posts(30))
})

test('a node rolled back to an old backup is noticed and repaired before anything is written on it', async () => {
  const context = connection()
  const [, second] = devnet.storageNodes
  await sync(node, posts(20), { context })
  await second!.stop()
  await cp(second!.folder, `${second!.folder}-backup`, { recursive: true })
  await second!.start()
  await sync(node, posts(20, 'second'), { context })
  await sync(node, posts(20, 'third'), { context })
  await second!.stop()
  await rm(second!.folder, { recursive: true })
  await cp(`${second!.folder}-backup`, second!.folder, { recursive: true })
  await second!.start()

  const done = await sync(node, posts(20, 'fourth'), { context })
  expect(done.receipts[0]?.body.notes[0]).toMatch(/^brought 2[01] revisions to /)
  await expectWhole(done.granted, posts(20, 'fourth'))
  await rm(`${second!.folder}-backup`, { recursive: true })
})

test('what every node lost is told by the receipt, and everything is asked for again, above what the Vault has', async () => {
  const context = connection()
  await sync(node, posts(20), { context })
  for (const storageNode of devnet.storageNodes) {
    await storageNode.stop()
    await cp(storageNode.folder, `${storageNode.folder}-old`, { recursive: true })
    await storageNode.start()
  }
  const newest = await sync(node, posts(20, 'newest'), { context })
  for (const storageNode of devnet.storageNodes) {
    await storageNode.stop()
    await rm(storageNode.folder, { recursive: true })
    await rename(`${storageNode.folder}-old`, storageNode.folder)
    await storageNode.start()
  }
  const run = await node.vault.destination.open(node.context(context))
  expect(run.isLost(POST)).toBe(true)
  await run.close()

  const again = await sync(node, posts(20, 'newest'), { context })
  expect(again.receipts[0]?.body.notes.join()).toMatch(/another state than receipt \d+ states/)
  await expectWhole(again.granted, posts(20, 'newest'))
  expect(newest.granted).toEqual(again.granted)
  const after = await node.vault.destination.open(node.context(context))
  expect(after.isLost(POST)).toBe(false)
  await after.close()
})

test('a database that one node lost whole is made again there, with its grant, and filled from the other', async () => {
  const context = connection()
  const first = await sync(node, posts(15), { context })
  const { databaseName } = first.granted[POST]!
  const { couchUrl, admin } = devnet.storageNodes[0]!
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  const gone = await fetch(`${couchUrl}/${hashOf(node, databaseName)}`, {
    method: 'DELETE',
    headers: { authorization },
  })
  expect(gone.status).toBe(200)
  const done = await sync(node, posts(15), { context })
  expect(done.receipts[0]?.body.notes).toContain(`made again at ${devnet.storageNodes[0]!.url}`)
  await expectWhole(done.granted, posts(15))
})

test('a request record is confirmed on every node that answers, or refused within five seconds', async () => {
  const open = () =>
    node.vault.requestRecords.open({
      owner: node.context().owner,
      provider: 'test',
      key: Buffer.alloc(32, 9),
      nowMs: Date.now(),
    })
  await expect(open()).resolves.toBeDefined()
  devnet.storageNodes[0]!.faults.set({ at: 'couch', fault: { kind: 'hang' } })
  await expect(open()).resolves.toBeDefined()
  devnet.storageNodes[0]!.faults.clear()

  devnet.storageNodes[0]!.faults.set({ at: 'bulkDocs', fault: { kind: 'drop', share: 1 } })
  const startedAt = performance.now()
  expect(await codeOf(open())).toBe('STORAGE_UNREACHABLE')
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  devnet.storageNodes[1]!.faults.set({ at: 'any', fault: { kind: 'status', status: 503 } })
  devnet.storageNodes[0]!.faults.clear()
  devnet.storageNodes[0]!.faults.set({ at: 'any', fault: { kind: 'status', status: 503 } })
  expect(await codeOf(open())).toBe('STORAGE_UNREACHABLE')
})
