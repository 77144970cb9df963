/** The Vault in its own process against a node's vault folder on the local network: what it waits for, pulls, judges, changes and signs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVault, type PullInput, type VaultApp } from '../../../src/devnet/vault-app/index.js'
import { canonicalJson, type JsonObject } from '../../../src/lib/canonical-json.js'
import { parseDid, type Did } from '../../../src/lib/did.js'
import { sha256 } from '../../../src/lib/keyed-hash.js'
import { decodeOwnerJwt, findOwnerJwtFault, verifyOwnerJwtSignature } from '../../../src/lib/owner-jwt.js'
import type { GrantedDatabase } from '../../../src/sync/destination.js'
import { createEnvelope } from '../../../src/vault/envelope.js'
import { parseRev } from '../../../src/vault/rev.js'
import { stateOf } from '../../../src/vault/state-root.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import {
  CANARY,
  CONTEXT,
  hashOf,
  leavesAt,
  POST,
  posts,
  sync,
  testNode,
  type TestNode,
} from '../../support/vault-node.js'

const KEY = Buffer.alloc(32, 7)
let devnet: TestDevnet
let node: TestNode
let folder: string
let vault: VaultApp
let owner: Did
let ownerText: string

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  folder = await mkdtemp(join(tmpdir(), 'vault-app-'))
  node = await testNode(devnet)
  vault = await open('01')
  ownerText = await vault.did()
  owner = parseDid(ownerText, 'testnet')!
})
afterAll(async () => {
  await vault.close()
  await node.close()
  await devnet.close()
  await rm(folder, { recursive: true })
})

/** A Vault with the key that ends so, in a folder of its own. */
async function open(last: string, ownDatastores = false): Promise<VaultApp> {
  const { rpcUrl, didEndpoints, schemaPaths } = devnet
  const own = await mkdtemp(join(folder, `${last}-`))
  return openVault({
    privateKey: `0x${'11'.repeat(31)}${last}`,
    network: 'testnet',
    rpcUrl,
    didEndpoints,
    schemaPaths,
    storageNodes: devnet.storageNodes.map(({ url }) => url),
    folder: own,
    ownDatastores,
  })
}
/** What the node tells of a sync of these posts, of an account of its own. */
async function synced(accountId: string, items = posts(3), deletes: readonly string[] = []) {
  const done = await sync(node, items, { deletes, context: { owner, accountId } })
  const database = done.granted[POST]
  if (database === undefined) throw new Error('nothing was granted')
  const pull: PullInput = { serverDid: node.vault.did, contextName: CONTEXT, schemas: done.granted }
  return { ...done, database, pull }
}
/** A request to a storage node's database as its admin, who may break everything. */
async function asAdmin(
  at: number,
  { databaseName }: GrantedDatabase,
  path: string,
  body?: object,
): Promise<unknown> {
  const { couchUrl, admin } = devnet.storageNodes[at]!
  const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
  const answer = await fetch(`${couchUrl}/${hashOf(node, databaseName)}${path}`, {
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  return answer.json()
}
interface Stored {
  readonly _id: string
  readonly _rev: string
  readonly payload: string
}
async function stored(database: GrantedDatabase): Promise<readonly Stored[]> {
  const { rows } = (await asAdmin(0, database, '/_all_docs?include_docs=true')) as {
    rows: { doc: Partial<Stored> }[]
  }
  return rows.flatMap(({ doc }) => (doc.payload === undefined ? [] : [doc as Stored]))
}
/** Puts a document on every storage node. */
async function put(database: GrantedDatabase, document: object): Promise<void> {
  for (const at of [0, 1]) await asAdmin(at, database, '/_bulk_docs', { docs: [document], new_edits: false })
}
/** The records of the posts' schema, opened with the key that the owner is told. */
async function recordsOf(
  database: GrantedDatabase,
): Promise<readonly (Stored & { readonly record: JsonObject })[]> {
  const envelope = envelopeOf(database)
  const documents = (await stored(database)).map((one) => ({
    ...one,
    record: envelope.open(one.payload, one._id),
  }))
  return documents.filter(({ record }) => record['schema'] === POST)
}
const envelopeOf = ({ encryptionKey }: GrantedDatabase) => createEnvelope(Buffer.from(encryptionKey, 'hex'))

describe('a pull', () => {
  it('decrypts, validates and checks the signature of every record, and comes to the state of the receipt', async () => {
    const { database, pull, receipts } = await synced('whole', posts(40))
    const report = await vault.pull({ ...pull, leaves: true })
    const { leaves, stateRoot, ...counts } = report.schemas[POST]!
    expect(counts).toEqual({
      pulled: 40,
      decrypted: 40,
      valid: 40,
      signaturesValid: 40,
      // The head of the receipt chain.
      others: 1,
      deleted: 0,
      conflicts: 0,
      stale: 0,
      faults: [],
    })
    expect({ root: stateRoot, liveCount: counts.pulled }).toEqual(receipts.at(-1)?.body.state)

    const records = await recordsOf(database)
    // The same as the node computes over the same live winners.
    const winners = records.map(({ _id, _rev }) => [_id, [{ rev: _rev, deleted: false }]] as const)
    expect(stateOf(winners).root).toBe(stateRoot)
    expect(leaves?.toSorted()).toEqual(records.map(({ _id, _rev }) => [_id, _rev]).toSorted())

    const digests = records.map(({ _id, record }) => {
      const own = canonicalJson([POST, _id, { ...record, signatures: undefined }])
      return sha256(own).toString('hex')
    })
    expect(report.digest).toBe(sha256(digests.sort().join('\n')).toString('hex'))
  })

  it('shows edits and deletions of the next sync, with nothing stale and no conflict', async () => {
    const first = await synced('next', posts(10))
    await vault.pull(first.pull)
    const second = await synced('next', posts(6, 'second'), ['item-9'])
    const report = await vault.pull(second.pull)
    expect(report.schemas[POST]).toMatchObject({
      pulled: 9,
      deleted: 1,
      decrypted: 9,
      conflicts: 0,
      stale: 0,
    })
    expect(report.schemas[POST]?.stateRoot).toBe(second.receipts.at(-1)?.body.state?.root)
    // The same again changes nothing.
    expect(await vault.pull(second.pull)).toEqual(report)
  })

  it('gives out records as their owner sees them', async () => {
    const { pull } = await synced('records', posts(2, 'for the owner'))
    await vault.pull(pull)
    const records = await vault.records({ schema: POST, limit: 1000 })
    expect(records.map(({ name }) => name)).toContain(`for the owner ${CANARY}`)
    expect(await vault.records({ schema: POST, limit: 1 })).toHaveLength(1)
  })

  it('counts a record that is not valid, and one whose signature is not by the server', async () => {
    const { database, pull } = await synced('faults', posts(3))
    const envelope = envelopeOf(database)
    const valid = (await recordsOf(database))[0]?.record
    const broken = { ...valid, _id: 'e'.repeat(32), uri: 5 } as JsonObject
    const forged = { ...valid, _id: 'f'.repeat(32), name: 'forged' } as JsonObject
    for (const record of [broken, forged])
      await put(database, { _id: record['_id'], _rev: `1-${'a'.repeat(32)}`, payload: envelope.seal(record) })
    const report = (await vault.pull(pull)).schemas[POST]
    expect(report).toMatchObject({ pulled: 5, decrypted: 5, valid: 4, signaturesValid: 3 })
    expect(report?.faults).toEqual([{ id: 'e'.repeat(32), errors: [expect.stringContaining('/uri')] }])
  })

  it('believes no payload that was moved to another document', async () => {
    const { database, pull } = await synced('moved')
    const [one] = await stored(database)
    await put(database, { _id: 'd'.repeat(32), _rev: `1-${'a'.repeat(32)}`, payload: one?.payload })
    await expect(vault.pull(pull)).rejects.toThrow('belongs to another id')
  })

  it('opens nothing with another key', async () => {
    const { database, pull } = await synced('other key')
    const schemas = { [POST]: { ...database, encryptionKey: 'ab'.repeat(32) } }
    await expect(vault.pull({ ...pull, schemas })).rejects.toThrow('Invalid encryption key supplied')
  })

  it('gives a stranger nothing who has name and key', async () => {
    const { pull } = await synced('stranger')
    const stranger = await open('02')
    await expect(stranger.pull(pull)).rejects.toThrow()
    await stranger.close()
  })

  it('finds everything on the storage node that is up', async () => {
    const { pull } = await synced('one down')
    await devnet.storageNodes[1]?.stop()
    const lonely = await open('01')
    try {
      expect((await lonely.pull(pull)).schemas[POST]).toMatchObject({ pulled: 3, valid: 3, stale: 0 })
    } finally {
      await devnet.storageNodes[1]?.start()
      await lonely.close()
    }
  })

  it('comes to the same in datastores of the Vault itself, as the mobile Vault has them', async () => {
    const { pull } = await synced('own datastores', posts(3, 'kept'))
    const mobile = await open('01', true)
    expect(await mobile.pull(pull)).toEqual(await vault.pull(pull))
    const names = (await mobile.records({ schema: POST, limit: 10 })).map(({ name }) => name)
    expect(names).toEqual(Array.from({ length: 3 }, () => `kept ${CANARY}`))
    await mobile.close()
  })
})

describe('an edit by the owner', () => {
  it('reaches the storage node as the next revision, and is refused when it is not valid', async () => {
    const { database, pull } = await synced('edit')
    await vault.pull({ ...pull })
    const { _id: id, _rev: before } = (await recordsOf(database))[0]!
    const { rev } = await vault.edit({ schema: POST, id, changes: { name: 'Edited by its owner' } })
    expect(parseRev(rev).generation).toBe(parseRev(before).generation + 1)
    const leaves = await Promise.all([0, 1].map((at) => leavesAt(devnet, at, node, database.databaseName)))
    expect(leaves.some((one) => one.get(id)?.includes(rev))).toBe(true)
    await expect(vault.edit({ schema: POST, id, changes: { uri: 5 } })).rejects.toThrow('not valid')
  })
})

describe('a request record', () => {
  const waiting = { pollMs: 50, timeoutMs: 20_000 }
  const opened = async () => {
    const request = await node.vault.requestRecords.open({
      owner,
      provider: 'test',
      key: KEY,
      nowMs: Date.now(),
    })
    const { serverDid, contextName, syncRequestDatabaseName, syncRequestId } = request.answer
    const input = { serverDid, contextName, syncRequestDatabaseName, syncRequestId, key: KEY.toString('hex') }
    return { request, input: { ...input, ...waiting } }
  }

  it('is there at once, and its completion reaches a Vault that waits, with all it needs for the pull', async () => {
    const { granted, pull } = await synced('request')
    const { request, input } = await opened()
    const info = vault.awaitSync(input)
    await request.complete({ schemas: granted, newAuth: { accessToken: 'a', refreshToken: 'r' } })
    expect(await info).toEqual({ schemas: granted, newAuth: { accessToken: 'a', refreshToken: 'r' } })
    const { schemas } = await info
    expect((await vault.pull({ ...pull, schemas })).schemas[POST]).toMatchObject({ pulled: 3, valid: 3 })
  })
  it('tells the text of a failure', async () => {
    const { request, input } = await opened()
    await request.fail('Token expired, please reconnect.')
    await expect(vault.awaitSync(input)).rejects.toThrow(/^API error: Token expired, please reconnect\.$/)
  })
  it('is waited for no longer than the Vault was told to', async () => {
    const { input } = await opened()
    await expect(vault.awaitSync({ ...input, timeoutMs: 0 })).rejects.toThrow(/^Timeout waiting for server$/)
  })
  it('ends the wait at once when it is not there', async () => {
    const { input } = await opened()
    await expect(vault.awaitSync({ ...input, syncRequestId: 'none' })).rejects.toThrow('missing')
  })
})

it('signs requests that its node takes for the owner', async () => {
  const request = { method: 'POST', url: 'http://127.0.0.1:5021/syncDone/test', body: '{"a":1}' }
  const token = await vault.signedRequest({ ...request, audience: 'http://127.0.0.1:5021' })
  const { claims } = decodeOwnerJwt(token)
  expect(verifyOwnerJwtSignature(token, owner.slice(-42))).toBe(true)
  expect(parseDid(claims.iss, 'testnet')).toBe(owner)
  const facts = { ...request, audience: 'http://127.0.0.1:5021', now: Date.now() }
  expect(findOwnerJwtFault(claims, facts)).toBeUndefined()
  expect(findOwnerJwtFault(claims, { ...facts, body: '{"a":2}' })).toContain('body')
})

it('had no failure in the background work of its client', () => {
  expect(vault.warnings()).toEqual([])
})
