/** Verida's own client and account, unmodified, on the local network: a server writes, the Vault reads, decrypts, checks and edits. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openVault, type VaultApp } from '../../../src/devnet/vault-app/index.js'
import { testDevnet, type TestDevnet } from '../../support/devnet.js'
import { SERVER_CONTEXT, type ServerAnswer, type ServerOrder } from './server-process.js'

const schema = 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json'
const keyOf = (last: string) => `0x${'11'.repeat(31)}${last}`
const database = { databaseName: 'posts-of-test', encryptionKey: '5a'.repeat(32) }
let devnet: TestDevnet
let vault: VaultApp
let stranger: VaultApp
let server: ChildProcess

beforeAll(async () => {
  devnet = await testDevnet({ nodes: 2 })
  const { rpcUrl, didEndpoints, schemaPaths } = devnet
  const network = {
    rpcUrl,
    didEndpoints,
    schemaPaths,
    storageNodes: devnet.storageNodes.map(({ url }) => url),
  }
  const folders = ['vault', 'stranger', 'server'].map((name) => join(devnet.folder, name))
  for (const folder of folders) await mkdir(folder)
  const open = (key: string, folder = '') =>
    openVault({ ...network, network: 'testnet', privateKey: keyOf(key), folder })
  vault = await open('01', folders[0])
  stranger = await open('02', folders[1])
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const file = fileURLToPath(new URL('server-process.ts', import.meta.url))
  server = fork(file, [], { cwd: folders[2], execArgv: ['--import', loader] })
  await order({ kind: 'start', settings: { ...network, privateKey: keyOf('03') } })
})
afterAll(async () => {
  await vault.close()
  await stranger.close()
  server.disconnect()
  await once(server, 'exit')
  await devnet.close()
})

async function order(message: ServerOrder): Promise<string> {
  server.send(message)
  const [answer] = (await once(server, 'message')) as [ServerAnswer]
  if ('error' in answer) throw new Error(answer.error)
  return answer.did
}
const post = (id: string) => ({
  _id: id,
  name: `Post ${id}`,
  type: 'status',
  uri: `https://x.test/${id}`,
  insertedAt: '2024-01-02T03:04:05.000Z',
  sourceApplication: 'https://x.test',
  sourceId: id,
})

it('carries records from a server to the granted owner, and refuses a stranger who has the key', async () => {
  const records = ['a', 'b', 'c'].map(post)
  const owner = await vault.did()
  const serverDid = await order({ kind: 'save', order: { schema, ...database, owner, records } })
  const pull = { serverDid, contextName: SERVER_CONTEXT, schemas: { [schema]: database } }

  const report = await vault.pull(pull)
  expect(report.schemas[schema]).toMatchObject({
    pulled: 3,
    decrypted: 3,
    valid: 3,
    signaturesValid: 3,
    conflicts: 0,
    stale: 0,
  })

  await expect(stranger.pull(pull)).rejects.toThrow()

  const { rev } = await vault.edit({ schema, id: 'a', changes: { name: 'Edited' } })
  expect(rev).toMatch(/^2-/)
})
