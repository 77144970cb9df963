/** A storage node that is killed while it writes has everything that it acknowledged, on the same ports, after its next start. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpView } from '../../contract/storage-over-http.js'
import { revision } from '../../contract/storage-database.js'
import { postJson, registeredAccount, signIn } from '../../support/devnet-account.js'
import { devnetProcess, type DevnetProcess } from '../../support/devnet-process.js'

let folder: string
let running: DevnetProcess | undefined
const start = async () =>
  (running = await devnetProcess({ folder, nodes: 1, port: 0, controlToken: 'control' }))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devnet-'))
})
afterAll(async () => {
  await running?.kill()
  await rm(folder, { recursive: true })
})

it('keeps what it acknowledged when it is killed', async () => {
  const first = await start()
  const [node] = first.storageNodes
  if (!node) expect.unreachable()
  const { accessToken } = await signIn(node, await registeredAccount(first, 1))
  const made = await postJson(`${node.url}user/createDatabase`, { databaseName: 'db' }, accessToken)
  const database = {
    url: `${node.couchUrl}/${String(made.body['databaseHash'])}`,
    authorization: `Bearer ${accessToken}`,
  }
  const acknowledged: Record<string, readonly string[]> = {}
  const writing = (async () => {
    for (let batch = 0; ; batch += 1) {
      const docs = Array.from({ length: 50 }, (_, at) => revision(`doc-${batch}-${at}`, ['a'.repeat(32)]))
      await httpView(database).bulkDocs(docs, false)
      for (const { _id, _rev } of docs) acknowledged[_id] = [_rev]
      if (batch === 5) void first.kill()
    }
  })()
  await expect(writing).rejects.toThrow()
  await first.kill()
  expect(Object.keys(acknowledged).length).toBeGreaterThanOrEqual(300)

  const second = await start()
  expect(second.storageNodes[0]?.url).toBe(node.url)
  expect(await httpView(database).revsDiff(acknowledged)).toEqual({})
  await second.control(node, {
    command: 'set',
    switches: [{ at: 'revsDiff', fault: { kind: 'status', status: 503 } }],
  })
  await expect(httpView(database).revsDiff(acknowledged)).rejects.toThrow('503')
})
