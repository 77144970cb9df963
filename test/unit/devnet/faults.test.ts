/** Each switch of a storage node does what it says, and nothing is left of it once it is cleared. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { postJson, registeredAccount, signIn, type Account } from '../../support/devnet-account.js'
import { httpView } from '../../contract/storage-over-http.js'
import { leaves, revision, type StorageView } from '../../contract/storage-database.js'

const CONTROL = 'control-token-of-the-test'
let devnet: TestDevnet
let account: Account
let token: string
let name: string
let view: StorageView
let node: TestDevnet['storageNodes'][number]
let made = 0

beforeAll(async () => {
  devnet = await testDevnet({ controlToken: CONTROL })
  node = devnet.storageNodes[0]!
  account = await registeredAccount(devnet, 1)
  token = (await signIn(node, account)).accessToken
})
afterAll(() => devnet.close())
afterEach(() => node.faults.clear())

/** Ten documents in a database of their own, to be written. */
async function fresh() {
  const databaseName = `db-${(made += 1)}`
  const answer = await postJson(`${node.url}user/createDatabase`, { databaseName }, token)
  name = String(answer.body['databaseHash'])
  view = httpView({ url: `${node.couchUrl}/${name}`, authorization: `Bearer ${token}` })
  return Array.from({ length: 10 }, (_, at) => revision(`doc-${at}`, [String(at).repeat(32)]))
}
const stored = async () => leaves(await view.changes({ since: 0 })).size
const write = 'bulkDocs'

describe('writes', () => {
  it('drop: everything is acknowledged, a share is not stored', async () => {
    const docs = await fresh()
    node.faults.set({ at: write, fault: { kind: 'drop', share: 0.3 } })
    expect(await view.bulkDocs(docs, false)).toEqual([])
    expect(await stored()).toBe(7)
    node.faults.clear()
    const missing = await view.revsDiff(Object.fromEntries(docs.map(({ _id, _rev }) => [_id, [_rev]])))
    expect(Object.keys(missing)).toHaveLength(3)
  })
  it('drop: an acknowledged new edit is not there either', async () => {
    await fresh()
    node.faults.set({ at: write, fault: { kind: 'drop' } })
    expect(await view.bulkDocs([{ _id: 'a' }], true)).toMatchObject([{ id: 'a', ok: true }])
    expect(await view.winner('a')).toBeUndefined()
  })
  it('refuse: a share is refused row by row, the rest is stored', async () => {
    const docs = await fresh()
    node.faults.set({ at: write, fault: { kind: 'refuse', share: 0.5, error: 'unauthorized' } })
    const rows = await view.bulkDocs(docs, false)
    expect(rows.map(({ error }) => error)).toEqual(Array(5).fill('unauthorized'))
    expect(await stored()).toBe(5)
  })
  it('halfWrite: the first half is stored, then the connection ends', async () => {
    const docs = await fresh()
    node.faults.set({ at: write, fault: { kind: 'halfWrite' }, times: 1 })
    await expect(view.bulkDocs(docs, false)).rejects.toThrow()
    expect(await stored()).toBe(5)
  })
  it('lost: everything is stored, the answer never comes', async () => {
    const docs = await fresh()
    node.faults.set({ at: write, fault: { kind: 'lost' }, times: 1 })
    await expect(view.bulkDocs(docs, false)).rejects.toThrow()
    expect(await stored()).toBe(10)
  })
  it('reset: nothing is stored', async () => {
    const docs = await fresh()
    node.faults.set({ at: write, fault: { kind: 'reset' }, times: 1 })
    await expect(view.bulkDocs(docs, false)).rejects.toThrow()
    expect(await stored()).toBe(0)
  })
})

describe('answers', () => {
  it('nothingMissing: _revs_diff lies', async () => {
    const [doc] = await fresh()
    node.faults.set({ at: 'revsDiff', fault: { kind: 'nothingMissing' } })
    expect(await view.revsDiff({ 'doc-0': [doc?._rev ?? ''] })).toEqual({})
    node.faults.clear()
    expect(await view.revsDiff({ 'doc-0': [doc?._rev ?? ''] })).not.toEqual({})
  })
  it('status: of the place that was named, in its own words, after and for as many requests as told', async () => {
    await fresh()
    node.faults.set({ at: 'couch', fault: { kind: 'status', status: 503 }, after: 1, times: 1 })
    expect(await stored()).toBe(0)
    await expect(stored()).rejects.toThrow('503 {"error"')
    expect(await stored()).toBe(0)
    node.faults.set({ at: 'user', fault: { kind: 'status', status: 500 } })
    const { status, body } = await postJson(`${node.url}user/usage`, {}, token)
    expect([status, body['status']]).toEqual([500, 'fail'])
    expect(await stored()).toBe(0)
  })
  it('hang: no answer until the node stops', async () => {
    await fresh()
    node.faults.set({ at: 'changes', fault: { kind: 'hang' } })
    const hung = stored()
    const silent = hung.then(
      () => 'answered',
      () => 'cut',
    )
    expect(await Promise.race([silent, view.winner('none').then(() => 'silent')])).toBe('silent')
    await node.stop()
    expect(await silent).toBe('cut')
    await node.start()
  })
  it('delay: the answer comes later', async () => {
    await fresh()
    node.faults.set({ at: 'couch', fault: { kind: 'delay', ms: 200 }, times: 1 })
    const start = performance.now()
    await stored()
    expect(performance.now() - start).toBeGreaterThan(190)
  })
})

it('lose: documents that were acknowledged and seen are gone, the others keep their revisions', async () => {
  const docs = await fresh()
  await view.bulkDocs(docs, false)
  expect(await node.faults.lose({ database: name, ids: ['doc-3'] })).toBe(1)
  expect(await stored()).toBe(9)
  expect(await node.faults.lose({ database: name, share: 0.34 })).toBe(3)
  const kept = leaves(await view.changes({ since: 0 }))
  for (const [id, revs] of kept) expect([...revs]).toEqual([docs.find(({ _id }) => _id === id)?._rev])
})

it('expireTokens: access tokens end at once', async () => {
  const { accessToken } = await signIn(node, account)
  node.faults.expireTokens()
  expect((await postJson(`${node.url}user/usage`, {}, accessToken)).status).toBe(401)
  token = (await signIn(node, account)).accessToken
  expect((await postJson(`${node.url}user/usage`, {}, token)).status).toBe(200)
})

describe('the control route', () => {
  const control = (body: object, bearer = CONTROL) => postJson(`${node.url}__faults`, body, bearer)
  it('takes the same switches from another process', async () => {
    const docs = await fresh()
    const switches = [{ at: 'bulkDocs', fault: { kind: 'drop', share: 1 } }]
    expect(await control({ command: 'set', switches })).toEqual({ status: 200, body: { ok: true } })
    await view.bulkDocs(docs, false)
    expect(await stored()).toBe(0)
    await control({ command: 'clear' })
    await view.bulkDocs(docs, false)
    expect((await control({ command: 'lose', database: name, share: 0.5 })).body['lost']).toBe(5)
  })
  it('refuses another token, and what it does not know', async () => {
    expect((await control({ command: 'clear' }, 'x')).status).toBe(401)
    expect((await control({ command: 'set', switches: [{ at: 'moon' }] })).status).toBe(400)
  })
  it('is not there without a token', async () => {
    const quiet = await testDevnet()
    const answer = await postJson(
      `${quiet.storageNodes[0]?.url ?? ''}__faults`,
      { command: 'clear' },
      CONTROL,
    )
    expect(answer.status).toBe(404)
    await quiet.close()
  })
})
