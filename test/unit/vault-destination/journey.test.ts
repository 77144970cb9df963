import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVault, type VaultApp } from '../../../src/devnet/vault-app/index.js'
import type { Did } from '../../../src/lib/did.js'
import type { PullReport } from '../../../src/devnet/vault-app/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { CONTEXT, POST, posts, sync, testNode, type Synced, type TestNode } from '../../support/vault-node.js'

let devnet: TestDevnet
let node: TestNode
let app: VaultApp
let folder: string
let owner: Did

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  node = await testNode(devnet)
  folder = await mkdtemp(join(tmpdir(), 'vault-app-'))
  app = await openVault({
    folder,
    privateKey: `0x${randomBytes(32).toString('hex')}`,
    network: 'testnet',
    rpcUrl: devnet.rpcUrl,
    storageNodes: devnet.storageNodes.map(({ url }) => url),
    didEndpoints: devnet.didEndpoints,
    schemaPaths: devnet.schemaPaths,
  })
  owner = (await app.did()).toLowerCase() as Did
}, 60_000)
afterAll(async () => {
  await app.close()
  await node.close()
  await devnet.close()
  await rm(folder, { recursive: true, force: true })
})

const pull = (granted: Synced['granted']): Promise<PullReport> =>
  app.pull({ serverDid: node.vault.did, contextName: CONTEXT, schemas: granted })

test("the owner's Vault follows a sync by its request record and pulls exactly the state that the receipt states", async () => {
  const key = randomBytes(32)
  const request = await node.vault.requestRecords.open({ owner, provider: 'test', key, nowMs: Date.now() })
  expect(request.answer).toMatchObject({ did: owner, serverDid: node.vault.did, contextName: CONTEXT })

  const context = { owner, ownerKey: key }
  const first = await sync(node, posts(120), { context })
  const following = app.awaitSync({
    ...request.answer,
    key: key.toString('hex'),
    timeoutMs: 20_000,
    pollMs: 50,
  })
  await request.complete({ schemas: first.granted })
  const told = await following
  expect(told.schemas).toEqual(first.granted)
  const report = (await pull(told.schemas)).schemas[POST]
  expect(report).toMatchObject({
    pulled: 120,
    decrypted: 120,
    valid: 120,
    signaturesValid: 120,
    conflicts: 0,
    stale: 0,
  })
  expect(report?.stateRoot).toBe(first.receipts.at(-1)?.body.state?.root)

  const second = await sync(node, [...posts(100), ...posts(20, 'edited', 100)], {
    context,
    deletes: ['item-3'],
  })
  expect(second).toMatchObject({ written: 20, unchanged: 100, deleted: 1 })
  const after = (await pull(second.granted)).schemas[POST]
  expect(after).toMatchObject({
    pulled: 119,
    deleted: 1,
    valid: 119,
    signaturesValid: 119,
    conflicts: 0,
    stale: 0,
  })
  expect(after?.stateRoot).toBe(second.receipts.at(-1)?.body.state?.root)
  const records = await app.records({ schema: POST, limit: 200 })
  expect(records.filter(({ name }) => String(name).startsWith('edited'))).toHaveLength(20)
}, 60_000)

test('a request that failed tells its Vault the sentence', async () => {
  const key = randomBytes(32)
  const request = await node.vault.requestRecords.open({ owner, provider: 'test', key, nowMs: Date.now() })
  await request.fail('Token expired, please reconnect.')
  const following = app.awaitSync({ ...request.answer, key: key.toString('hex'), timeoutMs: 5_000 })
  await expect(following).rejects.toThrow('API error: Token expired, please reconnect.')
}, 30_000)

test('forgotten and connected again: nothing is stale and nothing in conflict in the Vault', async () => {
  const ownerKey = randomBytes(32)
  const context = { owner, ownerKey, connectionId: 'connection-2', accountId: 'account-2' }
  await sync(node, posts(40), { context })
  const before = await sync(node, posts(40, 'second'), { context })
  await pull(before.granted)

  const run = node.context(context)
  expect(await node.vault.destination.forget(run)).toEqual([POST])
  const again = await sync(node, posts(40, 'third'), { context })
  expect(again.written).toBe(40)
  const report = (await pull(again.granted)).schemas[POST]
  expect(report).toMatchObject({ pulled: 40, conflicts: 0, stale: 0 })
  const records = await app.records({ schema: POST, limit: 500 })
  expect(records.filter(({ name }) => String(name).startsWith('third'))).toHaveLength(40)
  expect(records.filter(({ name }) => String(name).startsWith('second'))).toHaveLength(0)
}, 60_000)

test('another key of the owner continues the generations and does not give the Vault a second copy', async () => {
  const of = { owner, connectionId: 'connection-3', accountId: 'account-3' }
  const first = await sync(node, posts(30), { context: { ...of, ownerKey: randomBytes(32) } })
  await pull(first.granted)
  const before = await app.records({ schema: POST, limit: 1_000 })
  const second = await sync(node, posts(30, 'moved'), { context: { ...of, ownerKey: randomBytes(32) } })
  expect(second.granted).not.toEqual(first.granted)
  const report = (await pull(second.granted)).schemas[POST]
  expect(report).toMatchObject({ pulled: 30, conflicts: 0, stale: 0 })
  const records = await app.records({ schema: POST, limit: 1_000 })
  expect(records).toHaveLength(before.length)
  expect(records.filter(({ name }) => String(name).startsWith('moved'))).toHaveLength(30)
}, 60_000)

test("the owner's own edit is overwritten by the provider's next change, without a conflict", async () => {
  const context = { owner, ownerKey: randomBytes(32), connectionId: 'connection-4', accountId: 'account-4' }
  const first = await sync(node, posts(3), { context })
  await pull(first.granted)
  const leaves =
    (
      await app.pull({
        serverDid: node.vault.did,
        contextName: CONTEXT,
        schemas: first.granted,
        leaves: true,
      })
    ).schemas[POST]?.leaves ?? []
  const [id = ''] = leaves[0] ?? []
  await app.edit({ schema: POST, id, changes: { name: 'by the owner' } })
  const second = await sync(node, posts(3, 'changed'), { context })
  expect(second.written).toBe(3)
  expect((await pull(second.granted)).schemas[POST]).toMatchObject({ pulled: 3, conflicts: 0, stale: 0 })
}, 60_000)
