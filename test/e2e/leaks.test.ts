/** No readable record, no token and no key: on the node's disk, on the storage nodes' disks, in logs, in answers, in addresses; also in the middle of a sync. */
import { randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { searchLeaks, searchText } from '../../src/devnet/leak-search.js'
import type { LinkCapsules, VaultHttp } from '../../src/devnet/vault-http.js'
import { nodeProcess, type NodeProcess } from '../support/node-process.js'
import { openOwner, type Owner } from '../support/owner.js'
import { openWorld, PROVIDER, type World } from './world.js'

/** In records of every stream; in four scripts, so that more than ASCII is looked for. */
const canaries = [
  `canary ${randomBytes(12).toString('hex')}`,
  `Kanarienvögel flüstern ${randomBytes(6).toString('hex')}`,
  `канарейка поёт ${randomBytes(6).toString('hex')}`,
  `金絲雀在唱歌給你聽 ${randomBytes(6).toString('hex')}`,
]
/** Codes, access and refresh tokens of the practice service, by their beginning. */
const TOKEN = /sbx_(at|rt|code)_[A-Za-z0-9_-]{20,}/
/** Of the connected account. */
const NAME = /Maya Okafor|maya\.okafor/

let world: World
let node: NodeProcess
let owner: Owner
let http: VaultHttp
let capsules: LinkCapsules

beforeAll(async () => {
  world = await openWorld({ storageNodes: 2 })
  await world.sandbox.admin.plantMarker(canaries.join('; '))
  const logFile = join(world.folder, 'node.log')
  const environment = world.environment({ LOG_LEVEL: 'debug', SLICE_RECORDS: '60' })
  node = await nodeProcess({ environment, logFile })
  await world.welcome(node)
  owner = await openOwner(world.devnet, 'leaks')
  http = owner.at(node.url)
  capsules = await http.connect(PROVIDER)
}, 120_000)
afterAll(async () => {
  await owner.close()
  await node.kill()
  await world.close()
})

/** As text, as bytes, and as their base64. */
function formsOfKey(hex: string): {
  readonly texts: readonly string[]
  readonly patterns: readonly RegExp[]
} {
  const bytes = Buffer.from(hex, 'hex')
  const raw = bytes.toString('latin1').replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  return {
    texts: [
      hex,
      hex.toUpperCase(),
      bytes.toString('base64').slice(0, 40),
      bytes.toString('base64url').slice(0, 40),
    ],
    patterns: [new RegExp(raw)],
  }
}

interface Needles {
  readonly texts: readonly string[]
  readonly patterns: readonly RegExp[]
}

function needles(keys: readonly string[]): Needles {
  const forms = keys.map(formsOfKey)
  return {
    texts: [
      ...canaries,
      ...forms.flatMap(({ texts }) => texts),
      capsules.accessToken,
      capsules.refreshToken,
      world.sandbox.client.secret,
    ],
    patterns: [TOKEN, NAME, ...forms.flatMap(({ patterns }) => patterns)],
  }
}

/** The node's folder with its log, and the storage nodes' folders; the Vault's own folder is the owner's. */
async function foundOnDisks(wanted: Needles): Promise<readonly string[]> {
  const folders = [world.folder, ...world.devnet.storageNodes.map(({ folder }) => folder)]
  const found = await Promise.all(folders.map((folder) => searchLeaks({ folder, ...wanted })))
  return found.flat().map(({ file, what }) => `${file}: ${what}`)
}

it('finds what it looks for: the search is not blind', async () => {
  const folder = join(world.devnet.folder, 'vault-leaks')
  const key = Buffer.from(owner.key, 'hex')
  await writeFile(
    join(folder, 'seen'),
    Buffer.concat([Buffer.from('x'), key, Buffer.from(canaries[3] ?? '', 'utf16le')]),
  )
  const found = await searchLeaks({ folder, ...needles([owner.key]) })
  expect(found.filter(({ file }) => file === 'seen')).toHaveLength(2)
})

it('nothing readable lies anywhere in the middle of a sync, with records staged and pushes under way', async () => {
  const [slow] = world.devnet.storageNodes
  slow?.faults.set({ at: 'bulkDocs', fault: { kind: 'delay', ms: 400 } })
  const answer = await http.syncByPost(PROVIDER, capsules)
  answers.push(answer)
  for (;;) {
    const { status, counts } = await http.status(PROVIDER, answer.syncRequestId)
    expect(status).toBe('running')
    if (counts.fetched > 0 && (await staged()).length > 0) break
  }
  process.kill(node.pid, 'SIGSTOP')
  try {
    expect(await staged()).not.toEqual([])
    expect(await foundOnDisks(needles([owner.key]))).toEqual([])
  } finally {
    process.kill(node.pid, 'SIGCONT')
    slow?.faults.clear()
  }
  expect(await http.ended(PROVIDER, answer.syncRequestId)).toMatchObject({ status: 'complete' })
})

it('nothing readable is left after syncs, refreshes, failures and refusals, and the Vault has it all', async () => {
  await world.sandbox.admin.expireAccessTokens()
  const answer = await http.syncByGet(PROVIDER, capsules)
  const info = await owner.await(answer)
  const status = await http.ended(PROVIDER, answer.syncRequestId)
  await owner.pull(answer, info)
  const schemas = Object.keys(info.schemas)
  const all = await Promise.all(schemas.map((schema) => owner.vault.records({ schema, limit: 1_000 })))
  for (const canary of canaries) expect(JSON.stringify(all)).toContain(canary)
  const databaseKeys = Object.values(info.schemas).map(({ encryptionKey }) => encryptionKey)
  expect(databaseKeys).toHaveLength(5)

  // What fails may say more than what works.
  world.sandbox.admin.setFault({ route: 'posts', fault: { kind: 'truncated' }, times: Infinity })
  const failing = await http.syncByPost(PROVIDER, info.newAuth ?? capsules)
  const failed = await http.ended(PROVIDER, failing.syncRequestId)
  world.sandbox.admin.clearFaults()
  await expect(
    owner.at(node.url, randomBytes(32).toString('hex')).syncByGet(PROVIDER, capsules),
  ).rejects.toThrow()

  const receipts = await http.get(`/syncs/${answer.syncRequestId}/receipt`)
  const done = await http.post(`/syncDone/${PROVIDER}`, {})
  answers.push(answer, status, failing, failed, receipts, done, await http.doneByGet(PROVIDER))
  const wanted = needles([owner.key, ...databaseKeys])
  expect(await foundOnDisks(wanted)).toEqual([])
  expect(searchText(JSON.stringify(answers), wanted)).toEqual([])
  // The old form carries capsules and key, the provider's own redirect its code; neither carries more.
  const inAddresses = { texts: canaries, patterns: [/sbx_(at|rt)_[A-Za-z0-9_-]{20,}/, NAME] }
  expect(searchText(http.addresses.join('\n'), inAddresses)).toEqual([])
})

/** What the node answered. */
const answers: unknown[] = []

async function staged(): Promise<readonly string[]> {
  const entries = await readdir(join(world.folder, 'node', 'staging'))
  return entries.filter((entry) => entry !== '.machine')
}
