import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/clock.js'
import { databaseHash } from '../../../src/vault/database-hash.js'
import { examineEverywhere, type Examination } from '../../../src/vault/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { CONTEXT, POST, posts, sync, testNode, type Synced, type TestNode } from '../../support/vault-node.js'

let devnet: TestDevnet
let node: TestNode
let synced: Synced

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 1 })
  node = await testNode(devnet)
  synced = await sync(node, posts(30))
}, 60_000)
afterAll(async () => {
  await node.close()
  await devnet.close()
})

const granted = () => synced.granted[POST]!

async function examined(key = granted().encryptionKey): Promise<Examination> {
  const [seen] = await examineEverywhere({
    network: 'testnet',
    rpcUrl: devnet.rpcUrl,
    privateKey: node.privateKey,
    contextName: CONTEXT,
    storageNodes: devnet.storageNodes.map(({ url }) => url),
    didEndpoints: devnet.didEndpoints,
    clock: systemClock,
    databaseName: granted().databaseName,
    databaseKey: Buffer.from(key, 'hex'),
  })
  return seen!
}

interface Stored {
  readonly _id: string
  readonly _rev: string
  readonly payload: string
}

/** As the operator of the storage node, who can write what he likes. */
async function couch<T>(method: string, path: string, body?: object): Promise<T> {
  const { couchUrl, admin } = devnet.storageNodes[0]!
  const name = databaseHash(node.vault.did, CONTEXT, granted().databaseName)
  const answer = await fetch(`${couchUrl}/${name}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.ok).toBe(true)
  return (await answer.json()) as T
}

const stored = async (): Promise<readonly Stored[]> =>
  (await couch<{ rows: { doc: Stored }[] }>('GET', '/_all_docs?include_docs=true')).rows.map(({ doc }) => doc)

describe('whoever holds the key of a database', () => {
  it('finds every record as the node wrote it, and the state that the receipt states', async () => {
    const seen = await examined()
    expect(seen.faults).toEqual([])
    expect(seen.documents).toBe(31)
    expect(seen.stateRoot).toBe(synced.receipts.at(-1)?.body.state?.root)
  })
  it('reads nothing with another key', async () => {
    const { faults, documents } = await examined('ab'.repeat(32))
    expect(faults).toHaveLength(documents)
    expect(new Set(faults.map(({ what }) => what))).toEqual(new Set(['unreadable']))
  })
  it("sees a record in another's place, and an old one written again", async () => {
    const [first, second, third] = await stored()
    await couch('PUT', `/${first!._id}`, { ...first, payload: second!.payload })
    await couch('PUT', `/${third!._id}`, third)
    expect((await examined()).faults).toEqual([
      { id: first!._id, what: 'unreadable' },
      { id: third!._id, what: 'foreign' },
    ])
  })
  it('is told when there is no such database', async () => {
    await couch('DELETE', '')
    await expect(examined()).rejects.toMatchObject({ code: 'GONE' })
  })
})
