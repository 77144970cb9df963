/** Storage nodes keep a context's databases in step once they were pinged: outwards, to the nodes of the DID document only. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databaseName } from '../../../src/devnet/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { postJson, registeredAccount, signIn, type Account } from '../../support/devnet-account.js'
import { httpView } from '../../contract/storage-over-http.js'
import { leaves, revision, type StorageView } from '../../contract/storage-database.js'

let devnet: TestDevnet
let account: Account
let tokens: readonly string[]

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 3 })
  const storageNodes = devnet.storageNodes.slice(0, 2)
  account = await registeredAccount({ ...devnet, storageNodes }, 1)
  tokens = await Promise.all(
    devnet.storageNodes.map(async (node) => (await signIn(node, account)).accessToken),
  )
})
afterAll(() => devnet.close())

const at = (index: number) => devnet.storageNodes[index]!
const api = (index: number, call: string, body: object) =>
  postJson(`${at(index).url}user/${call}`, body, tokens[index])
const hash = (name: string) => databaseName(account.did, account.contextName, name)
const ping = (index: number, name: string) =>
  api(index, 'pingDatabases', {
    databaseHashes: [hash(name)],
    did: account.did,
    contextName: account.contextName,
  })

async function made(name: string): Promise<readonly StorageView[]> {
  for (const index of [0, 1, 2]) await api(index, 'createDatabase', { databaseName: name })
  return [0, 1, 2].map((index) =>
    httpView({ url: `${at(index).couchUrl}/${hash(name)}`, authorization: `Bearer ${tokens[index] ?? ''}` }),
  )
}
const docs = (count: number, digit: string) =>
  Array.from({ length: count }, (_, index) => revision(`doc-${index}`, [digit.repeat(32)]))

it('copies what is there and what comes later, with conflicts and deletions, to the listed peer only', async () => {
  const [first, second, third] = await made('posts')
  await first?.bulkDocs(docs(1_200, 'a'), false)
  expect((await ping(0, 'posts')).body).toMatchObject({ status: 'success', failedEndpoints: [] })
  const wanted = leaves(await first!.changes({ since: 0 }))
  await expect
    .poll(async () => leaves(await second!.changes({ since: 0 })), { timeout: 10_000 })
    .toEqual(wanted)

  const gone = revision('doc-0', ['b'.repeat(32), 'a'.repeat(32)], { _deleted: true })
  await first?.bulkDocs([revision('doc-1', ['c'.repeat(32)]), gone], false)
  const later = leaves(await first!.changes({ since: 0 }))
  await expect
    .poll(async () => leaves(await second!.changes({ since: 0 })), { timeout: 10_000 })
    .toEqual(later)
  expect(leaves(await third!.changes({ since: 0 })).size).toBe(0)

  await second?.bulkDocs([revision('back', ['a'.repeat(32)])], false)
  expect(await first?.winner('back')).toBeUndefined()
})

it('goes on when a stopped peer comes back', async () => {
  const [first, second] = await made('later')
  await at(1).stop()
  await first?.bulkDocs(docs(10, 'a'), false)
  const pinged = await ping(0, 'later')
  expect(pinged.body['failedEndpoints']).toEqual([new URL(at(1).url).origin])
  await at(1).start()
  await expect
    .poll(async () => leaves(await second!.changes({ since: 0 })).size, { timeout: 10_000 })
    .toBe(10)
})

it('is for the context of the token: a node that its DID document does not list refuses', async () => {
  await made('elsewhere')
  const answer = await ping(2, 'elsewhere')
  expect(answer.status).toBe(500)
  expect(answer.body['message']).toMatch('Server not a valid endpoint')
})

it('gives a stranger no credentials at a peer', async () => {
  const minutes = Math.floor(Date.now() / 60_000)
  const { did, contextName } = account
  const asked = { did, contextName, timestampMinutes: minutes, password: 'mine' }
  const as = (endpointUri: string) =>
    postJson(`${at(1).url}auth/replicationCreds`, { ...asked, endpointUri, signature: account.sign('x') })
  expect(await as(at(0).url)).toMatchObject({ status: 401, body: { message: 'Invalid signature' } })
  expect((await as(at(2).url)).status).toBe(400)
})
