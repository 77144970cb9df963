import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchLeaks } from '../../../src/devnet/leak-search.js'
import type { NodeError } from '../../../src/errors.js'
import type { Did } from '../../../src/lib/did.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import {
  CANARY,
  finish,
  leavesAt,
  namesAt,
  POST,
  posts,
  sync,
  testNode,
  write,
  type TestNode,
} from '../../support/vault-node.js'

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

describe('what is written', () => {
  test('a second sync with nothing new writes no revision, makes no receipt and few calls', async () => {
    const context = connection()
    const first = await sync(node, posts(500), { context })
    const { databaseName } = first.granted[POST]!
    const before = await leavesAt(devnet, 0, node, databaseName)
    const calls = node.vault.storageCalls()
    const run = node.context(context)
    const open = await node.vault.destination.open(run)
    const pages = 5
    for (let page = 0; page < pages; page++)
      expect(await write(open, posts(100, 'first', page * 100))).toMatchObject({ written: 0, unchanged: 100 })
    const { receipts } = await finish(node, open, run.leaseNumber)
    await open.close()
    expect(receipts).toEqual([])
    expect(await leavesAt(devnet, 0, node, databaseName)).toEqual(before)
    expect(node.vault.storageCalls() - calls).toBeLessThanOrEqual(2 * pages + 2 * devnet.storageNodes.length)
  })

  test('an edit goes on top of its document, and the old value again is a new revision', async () => {
    const context = connection()
    for (const text of ['a', 'b', 'a', 'a', 'b', 'a']) await sync(node, posts(4, text), { context })
    const done = await sync(node, posts(4, 'a'), { context })
    expect(done.unchanged).toBe(4)
    const database = done.granted[POST]!
    const leaves = [...(await leavesAt(devnet, 1, node, database.databaseName)).values()]
    // Four posts, and the head of the receipt chain.
    expect(leaves.map((revs) => revs.map((rev) => rev.split('-')[0]))).toEqual(Array(5).fill(['5']))
    expect(await namesAt(devnet, 1, node, database)).toEqual(new Map(posts(4, 'a')))
  })

  test('the same item twice in a page and again in the next makes no conflict, and the last one wins', async () => {
    const context = connection()
    const run = node.context(context)
    const open = await node.vault.destination.open(run)
    await write(open, [...posts(30), ...posts(30, 'again')])
    await write(open, posts(30, 'last'))
    await finish(node, open, run.leaseNumber)
    const database = open.granted()[POST]!
    await open.close()
    for (const index of [0, 1]) {
      expect(await namesAt(devnet, index, node, database)).toEqual(new Map(posts(30, 'last')))
      const leaves = [...(await leavesAt(devnet, index, node, database.databaseName)).values()]
      expect(leaves.filter((revs) => revs.length !== 1)).toEqual([])
    }
  })

  test('deleted items leave tombstones, by source id and by document id', async () => {
    const context = connection()
    await sync(node, posts(10), { context })
    const run = node.context(context)
    const open = await node.vault.destination.open(run)
    const counts = await open.write({
      stream: 'posts',
      schema: POST,
      records: [],
      deletedSourceIds: ['item-1', 'never-there'],
      deletedDocumentIds: [open.documentId(POST, 'posts', 'item-2')],
    })
    expect(counts).toMatchObject({ deleted: 2, written: 0 })
    const { proof } = await finish(node, open, run.leaseNumber)
    expect(proof.databases[0]?.state?.liveCount).toBe(8)
    const database = open.granted()[POST]!
    await open.close()
    const names = await namesAt(devnet, 0, node, database)
    expect([...names.keys()]).toHaveLength(8)
    expect(names.has('item-1') || names.has('item-2')).toBe(false)
  })

  test('a deleted item that comes back goes on top of its tombstone', async () => {
    const context = connection()
    await sync(node, posts(3), { context })
    await sync(node, [], { context, deletes: ['item-0'] })
    const done = await sync(node, posts(3), { context })
    expect(done).toMatchObject({ written: 1, unchanged: 2 })
    expect(await namesAt(devnet, 1, node, done.granted[POST]!)).toEqual(new Map(posts(3)))
  })

  test('each slice is proven and erased by itself, and the last one states the whole database', async () => {
    const run = node.context(connection())
    const open = await node.vault.destination.open(run)
    for (const slice of [0, 1, 2]) {
      await write(open, posts(20, 'first', slice * 20))
      const { proof } = await finish(node, open, run.leaseNumber, slice === 2)
      expect(proof.databases[0]).toMatchObject({ sliceLeaves: 20 })
      expect(proof.databases[0]?.state?.liveCount).toBe(slice === 2 ? 60 : undefined)
      expect(await node.stagingFolders()).toEqual([])
    }
    await open.close()
  })

  test('two accounts and two owners get databases of their own', async () => {
    const other = `did:vda:testnet:0x${'cd'.repeat(20)}` as Did
    const granted = [
      await sync(node, posts(3, 'one'), { context: connection() }),
      await sync(node, posts(3, 'two'), { context: connection() }),
      await sync(node, posts(3, 'three'), {
        context: { ...connection(), accountId: 'account-1', owner: other },
      }),
    ].map((done) => done.granted[POST]!)
    expect(new Set(granted.map(({ databaseName }) => databaseName)).size).toBe(3)
    expect(new Set(granted.map(({ encryptionKey }) => encryptionKey)).size).toBe(3)
    for (const [index, text] of ['one', 'two', 'three'].entries())
      expect(await namesAt(devnet, 0, node, granted[index]!)).toEqual(new Map(posts(3, text)))
  })

  test('every database of the connection is told, also when a run opens none of them', async () => {
    const context = connection()
    const first = await sync(node, posts(3), { context })
    const open = await node.vault.destination.open(node.context({ ...context, schemas: [] }))
    expect(open.granted()).toEqual(first.granted)
    await open.close()
  })
})

test('no plain text is on any disk, while it is staged and after', async () => {
  const run = node.context(connection())
  const open = await node.vault.destination.open(run)
  await write(open, posts(200))
  const texts = [CANARY, 'https://example.org/item-1', 'sourceAccountId']
  expect(await node.stagingFolders()).toHaveLength(1)
  expect(await searchLeaks({ folder: node.dataDir, texts })).toEqual([])
  await finish(node, open, run.leaseNumber)
  await open.close()
  expect(await searchLeaks({ folder: node.dataDir, texts })).toEqual([])
  expect(await searchLeaks({ folder: devnet.folder, texts })).toEqual([])
})

test('past its limit staging refuses a page, and what was staged before stays until it is proven', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vault-small-'))
  const small = await node.restart({ dataDir: folder, stagingMaxBytes: 200_000 })
  const context = connection()
  const run = small.context(context)
  const open = await small.vault.destination.open(run)
  await write(open, posts(50))
  await expect(write(open, posts(400, 'more', 50))).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
  await open.close()
  expect(await small.stagingFolders()).toHaveLength(1)
  const done = await sync(small, posts(50), { context })
  expect(done.written).toBe(0)
  expect(await small.stagingFolders()).toEqual([])
  await small.vault.close()
  await rm(folder, { recursive: true })
})

describe('a database too large to be read at once', () => {
  test('is read page by page and ends in the same state', async () => {
    const paged = await node.restart({ scanLimit: 25 })
    const context = connection()
    const run = paged.context(context)
    const open = await paged.vault.destination.open(run)
    for (const slice of [0, 1, 2]) {
      await write(open, posts(20, 'first', slice * 20))
      await finish(paged, open, run.leaseNumber, slice === 2)
    }
    await open.close()
    const edited = [...posts(10, 'edited'), ...posts(40, 'first', 10)]
    const second = await sync(paged, edited, { context, deletes: ['item-50', 'item-51'] })
    expect(second).toMatchObject({ written: 10, unchanged: 40, deleted: 2 })
    const whole = await sync(node, edited, { context })
    expect(whole.written).toBe(0)
    expect(second.proof.databases[0]?.state).toEqual(whole.proof.databases[0]?.state)
    expect(second.proof.databases[0]?.state?.liveCount).toBe(58)
    await paged.vault.close()
  })

  test('is brought in step when the states of two storage nodes differ at the end', async () => {
    const paged = await node.restart({ scanLimit: 25 })
    const context = connection()
    const first = await sync(paged, posts(60), { context })
    await devnet.storageNodes[1]!.faults.lose({ share: 0.3 })
    const done = await sync(paged, posts(5), { context })
    expect(done.receipts.at(-1)?.body.notes.join()).toMatch(/brought \d+ revisions to /)
    expect(await namesAt(devnet, 1, node, first.granted[POST]!)).toEqual(new Map(posts(60)))
    await paged.vault.close()
  })
})

test('a run that was fenced stops before it writes', async () => {
  const lost = new AbortController()
  const run = node.context({ ...connection(), signal: lost.signal })
  const open = await node.vault.destination.open(run)
  await write(open, posts(5))
  const fenced = Object.assign(new Error('fenced'), { code: 'WRITE_CONFLICT' })
  lost.abort(fenced)
  await expect(write(open, posts(5, 'late'))).rejects.toBe(fenced)
  await expect(open.prove({ final: true })).rejects.toBe(fenced)
  await open.close()
})

test('every storage node is told apart in the check', async () => {
  await devnet.storageNodes[1]!.stop()
  const answers = await node.vault.checkStorageNodes()
  await devnet.storageNodes[1]!.start()
  expect(answers.map(({ ok, code }) => [ok, code])).toEqual([
    [true, undefined],
    [false, 'STORAGE_UNREACHABLE' satisfies NodeError['code']],
  ])
})
