import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import {
  hashOf,
  leavesAt,
  namesAt,
  POST,
  posts,
  sync,
  testNode,
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

/** Somebody else writes at one storage node only. */
async function writeAt(index: number, name: string, document: object): Promise<void> {
  const { couchUrl, admin } = devnet.storageNodes[index]!
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  const answer = await fetch(`${couchUrl}/${hashOf(node, name)}/_bulk_docs`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ docs: [document], new_edits: false }),
  })
  expect(answer.status).toBe(201)
}

const live = (revs: readonly string[]): readonly string[] => revs.filter((rev) => !/^\d+-00000000/.test(rev))

test('what only one storage node has is copied to the other before anything is written on it', async () => {
  const context = connection()
  const { granted } = await sync(node, posts(3), { context })
  const { databaseName } = granted[POST]!
  const [id = '', [rev = ''] = []] = [...(await leavesAt(devnet, 0, node, databaseName))][0] ?? []
  const hash = randomBytes(16).toString('hex')
  const ids = [hash, rev.split('-')[1]]
  await writeAt(1, databaseName, {
    _id: id,
    _rev: `2-${hash}`,
    _revisions: { start: 2, ids },
    payload: 'AAAA',
  })

  const done = await sync(node, posts(3, 'second'), { context })
  expect(done.proof.databases[0]?.notes).toContain(`brought 1 revisions to ${devnet.storageNodes[0]!.url}`)
  const leaves = await Promise.all([0, 1].map((index) => leavesAt(devnet, index, node, databaseName)))
  expect(leaves[0]).toEqual(leaves[1])
  expect(leaves[0]?.get(id)).toHaveLength(1)
  expect(await namesAt(devnet, 0, node, granted[POST]!)).toEqual(new Map(posts(3, 'second')))
})

test('a conflict that somebody left is ended by the next sync, though the record is unchanged', async () => {
  const context = connection()
  const { granted } = await sync(node, posts(2), { context })
  const { databaseName } = granted[POST]!
  const before = await leavesAt(devnet, 0, node, databaseName)
  for (const [id, [rev = '']] of before) {
    const hash = `00000001${randomBytes(12).toString('hex')}`
    expect(`1-${hash}` < rev).toBe(true)
    const _revisions = { start: 1, ids: [hash] }
    await writeAt(0, databaseName, { _id: id, _rev: `1-${hash}`, _revisions, payload: 'AAAA' })
  }
  const done = await sync(node, posts(2), { context })
  expect(done).toMatchObject({ written: 0, unchanged: 2 })
  for (const index of [0, 1]) {
    const after = await leavesAt(devnet, index, node, databaseName)
    expect([...after.values()].filter((revs) => live(revs).length !== 1)).toEqual([])
    expect(await namesAt(devnet, index, node, granted[POST]!)).toEqual(new Map(posts(2)))
  }
  expect(done.receipts[0]?.body.notes).toEqual([`brought 3 revisions to ${devnet.storageNodes[1]!.url}`])
})

test('forgetting while a storage node is down keeps the data only there, and finishes when it is called again', async () => {
  const context = connection()
  const { granted } = await sync(node, posts(2), { context })
  await devnet.storageNodes[1]!.stop()
  await expect(node.vault.destination.forget(node.context(context))).rejects.toMatchObject({
    code: 'STORAGE_UNREACHABLE',
  })
  await devnet.storageNodes[1]!.start()
  await expect(leavesAt(devnet, 0, node, granted[POST]!.databaseName)).rejects.toThrow('404')
  expect(await node.vault.destination.forget(node.context(context))).toEqual([POST])
  await expect(leavesAt(devnet, 1, node, granted[POST]!.databaseName)).rejects.toThrow('404')
  expect(await node.vault.destination.forget(node.context(context))).toEqual([])
})
