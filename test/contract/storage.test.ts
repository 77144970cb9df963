/** Suite C over every place that keeps replicated documents. A real CouchDB joins in when TEST_COUCHDB_URL names one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, test } from 'vitest'
import { openPouch } from '../../src/vault/pouch.js'
import { testDevnet, type TestDevnet } from '../support/devnet.js'
import { storageContract } from './storage.js'
import { couchdbStorage } from './storage-on-couchdb.js'
import { devnetStorage, type DevnetStorage } from './storage-on-devnet.js'
import { pouchStorage } from './storage-over-pouch.js'

let devnet: TestDevnet
let open: () => Promise<DevnetStorage>
let folder: string

beforeAll(async () => {
  devnet = await testDevnet()
  open = await devnetStorage(devnet)
  folder = await mkdtemp(join(tmpdir(), 'staging-'))
})
afterAll(async () => {
  await devnet.close()
  await rm(folder, { recursive: true, force: true })
})

storageContract('a storage node of the local network', async () => ({ mine: await open() }))
storageContract(
  'the staging database on disk',
  async () => ({ mine: pouchStorage(openPouch(join(folder, randomUUID()))) }),
  { users: false },
)

const couchdb = process.env['TEST_COUCHDB_URL']
if (couchdb === undefined) {
  test.skip('CouchDB: set TEST_COUCHDB_URL=http://admin:password@host:5984 to run the suite over it', () => {})
} else {
  const openDatabase = couchdbStorage(couchdb)
  storageContract('CouchDB at TEST_COUCHDB_URL', async () => ({ mine: await openDatabase() }))
}
