/**
 * What was replicated can be read elsewhere: by another process, in another folder, with nothing but the key. Every
 * crypto-pouch of the registry keeps its salt in the local database, and fails exactly here (verida.md 1).
 */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pouch } from '../../support/pouch.js'
import type { ReadAnswer, ReadOrder } from './reader-process.js'

const require = createRequire(import.meta.url)
const requireAsClient = createRequire(require.resolve('@verida/client-ts'))
const PouchDB = requireAsClient('pouchdb') as {
  new (name: string): Pouch & { close(): Promise<void> }
  plugin(plugin: unknown): unknown
}
const password = randomBytes(32).toString('hex')
const documents = [
  { _id: 'a'.repeat(32), text: 'żółć 日本語' },
  { _id: 'b'.repeat(32), text: 'another', list: [1, null] },
]
let folder: string

/** Writes sealed, replicates what lies there, and erases the writer's own copy, as the node does. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crypto-pouch-'))
  PouchDB.plugin(requireAsClient('crypto-pouch'))
  const writer = new PouchDB(join(folder, 'local'))
  await writer.crypto({ password, salt: Buffer.alloc(0), iterations: 1000 })
  for (const document of documents) await writer.put(document)
  const node = new PouchDB(join(folder, 'node'))
  const raw = new PouchDB(join(folder, 'local'))
  await raw.replicate.to(node)
  await writer.destroy()
  await node.close()
  expect(await readdir(folder)).toEqual(['node'])
})
afterAll(async () => rm(folder, { recursive: true }))

async function readElsewhere(name: string, order: ReadOrder): Promise<ReadAnswer> {
  const cwd = join(folder, name)
  await mkdir(cwd)
  const child = fork(fileURLToPath(new URL('reader-process.ts', import.meta.url)), [], {
    cwd,
    env: {},
    execArgv: ['--import', pathToFileURL(require.resolve('tsx')).href],
  })
  const exited = once(child, 'exit')
  child.send(order)
  const [answer] = (await Promise.race([once(child, 'message'), exited])) as [ReadAnswer]
  await exited
  return answer
}

it('a second process with the same key reads it', async () => {
  const answer = await readElsewhere('second', { node: join(folder, 'node'), password })
  expect(answer).toEqual({
    kind: 'read',
    documents: documents.map((document) => ({ ...document, _rev: expect.stringMatching(/^1-/) as string })),
  })
})
it('a process with another key does not', async () => {
  const order = { node: join(folder, 'node'), password: randomBytes(32).toString('hex') }
  expect(await readElsewhere('other', order)).toEqual({ kind: 'error', message: 'Could not decrypt!' })
})
