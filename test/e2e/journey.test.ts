/** One owner with a real Vault, from the first connection to the last: over HTTP, in the order in which it happens. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schemaUri } from '../../schemas/index.js'
import { databaseName } from '../../src/devnet/index.js'
import type { PullReport, VaultSyncInfo } from '../../src/devnet/vault-app/index.js'
import type { LinkCapsules, PlayedStatus, SyncAnswer, VaultHttp } from '../../src/devnet/vault-http.js'
import { checkReceipts, type Receipt } from '../../src/sync/index.js'
import { openOwner, type Owner } from '../support/owner.js'
import { localNode, type LocalNode } from './local-node.js'
import { openWorld, PROVIDER, type World } from './world.js'

const POSTS = schemaUri('social/post')
const STORAGE_NODES = 2

let world: World
let node: LocalNode
let owner: Owner
let http: VaultHttp
let capsules: LinkCapsules

beforeAll(async () => {
  world = await openWorld({ storageNodes: STORAGE_NODES })
  node = await localNode(world)
  owner = await openOwner(world.devnet, 'journey')
  http = owner.at(node.url)
}, 120_000)
afterAll(async () => {
  await owner.close()
  await node.close()
  await world.close()
})

interface Finished {
  readonly answer: SyncAnswer
  readonly info: VaultSyncInfo
  readonly status: PlayedStatus
}

async function finish(answer: SyncAnswer): Promise<Finished> {
  const [info, status] = await Promise.all([owner.await(answer), http.ended(PROVIDER, answer.syncRequestId)])
  return { answer, info, status }
}

async function syncAndPull(more?: object): Promise<Finished & { readonly pulled: PullReport['schemas'] }> {
  const finished = await finish(await http.syncByPost(PROVIDER, capsules, more))
  const { schemas: pulled } = await owner.pull(finished.answer, finished.info)
  expectWhole(pulled)
  const receipts = finished.info['receipts'] as readonly Receipt[]
  expect(checkReceipts(receipts, { did: finished.answer.serverDid, pulled })).toEqual([])
  return { ...finished, pulled }
}

function expectWhole(pulled: PullReport['schemas']): void {
  for (const report of Object.values(pulled))
    expect(report).toMatchObject({ conflicts: 0, stale: 0, valid: report.pulled, decrypted: report.pulled })
}

const total = (pulled: PullReport['schemas']): number =>
  Object.values(pulled).reduce((sum, report) => sum + report.pulled, 0)

const expectedTotal = (member: 'items' | 'quarantined' | 'skipped' | 'records'): number =>
  Object.values(world.sandbox.expected).reduce((sum, counts) => sum + counts[member], 0)

const postTexts = async (): Promise<readonly string[]> =>
  (await owner.vault.records({ schema: POSTS, limit: 1_000 })).map((post) => JSON.stringify(post))

describe("an owner's journey", () => {
  it('begins in a browser and ends at exactly the deep link, with two capsules in the alphabet of URLs', async () => {
    capsules = await http.connect(PROVIDER)
    expect(http.addresses.at(-1)).toMatch(
      /^https:\/\/vault\.verida\.io\/connection-success\?provider=sandbox&accessToken=[A-Za-z0-9_-]{40,}&refreshToken=[A-Za-z0-9_-]{40,}$/,
    )
    expect(capsules.accessToken.length + capsules.refreshToken.length).toBeLessThanOrEqual(4096)
  })

  it('goes on with the old GET, whose answer comes after its record is on every storage node', async () => {
    const answer = await http.syncByGet(PROVIDER, capsules)
    for (const { couchUrl, admin } of world.devnet.storageNodes) {
      const { serverDid, contextName, syncRequestDatabaseName, syncRequestId } = answer
      const database = databaseName(serverDid, contextName, syncRequestDatabaseName)
      const authorization = `Basic ${Buffer.from(`${admin.name}:${admin.password}`).toString('base64')}`
      const found = await fetch(`${couchUrl}/${database}/${syncRequestId}`, { headers: { authorization } })
      expect(found.status).toBe(200)
    }
    expect(answer).toEqual({
      did: owner.did.toLowerCase(),
      serverDid: node.running.did,
      signerDid: node.running.did,
      contextName: 'Verida: Data Connector',
      syncRequestId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      syncRequestDatabaseName: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    const { info, status } = await finish(answer)
    const { schemas: pulled } = await owner.pull(answer, info)
    expectWhole(pulled)
    expect(total(pulled)).toBe(expectedTotal('records'))
    expect(status).toMatchObject({ status: 'complete', more: false })
    expect(status.counts).toMatchObject({
      fetched: expectedTotal('items'),
      quarantined: expectedTotal('quarantined'),
      written: expectedTotal('records'),
    })
    expect(info['profile']).toMatchObject({ name: 'Maya Okafor' })
    const receipts = info['receipts'] as readonly Receipt[]
    expect(receipts).toHaveLength(Object.keys(pulled).length)
    expect(checkReceipts(receipts, { did: answer.serverDid, pulled })).toEqual([])
  })

  it('is told by GET syncDone which schemas the provider has', async () => {
    expect(await http.doneByGet(PROVIDER)).toEqual({
      success: true,
      clearedDatabases: expect.arrayContaining([POSTS]) as string[],
    })
  })

  it('writes nothing when nothing is new', async () => {
    const { status, info } = await syncAndPull()
    expect(status.counts.written).toBe(0)
    expect(info.newAuth).toBeUndefined()
  })

  it('brings edits, additions and deletions, without a conflict', async () => {
    const marker = `edited ${randomBytes(8).toString('hex')}`
    const added = `added ${randomBytes(8).toString('hex')}`
    const ids = world.sandbox.admin.ids({ stream: 'posts' })
    const [edited = '', removed = ''] = ids.slice(12)
    const gone = JSON.stringify(world.sandbox.admin.read({ stream: 'posts', id: removed })?.['url'])
    await world.sandbox.admin.edit({ stream: 'posts', id: edited }, { text: marker })
    await world.sandbox.admin.add({ stream: 'posts' }, { text: added })
    await world.sandbox.admin.remove({ stream: 'posts', id: removed })
    expect((await postTexts()).filter((post) => post.includes(gone))).toHaveLength(1)
    const { status, pulled } = await syncAndPull()
    expect(status.counts).toMatchObject({ written: 2, deleted: 1 })
    expect(pulled[POSTS]?.deleted).toBe(1)
    const posts = await postTexts()
    for (const text of [marker, added]) expect(posts.filter((post) => post.includes(text))).toHaveLength(1)
    expect(posts.filter((post) => post.includes(gone))).toEqual([])
  })

  it('refreshes an expired token once, hands over both capsules, and still takes the old ones', async () => {
    const { admin } = world.sandbox
    await admin.expireAccessTokens()
    admin.resetCounts()
    const first = await syncAndPull()
    expect(first.status.status).toBe('complete')
    expect(admin.counts()).toMatchObject({ refreshes: 1, replays: 0 })
    const fresh = first.info.newAuth
    expect(fresh?.accessToken).toMatch(/^[A-Za-z0-9_-]{40,}$/)
    expect(fresh?.refreshToken).toMatch(/^[A-Za-z0-9_-]{40,}$/)

    // The Vault lost them: its old capsules open the newest tokens, and it is given fresh ones again.
    const again = await syncAndPull()
    expect(again.status.status).toBe('complete')
    expect(again.info.newAuth).toBeDefined()
    await admin.expireAccessTokens()
    expect((await syncAndPull()).status.status).toBe('complete')
    expect(admin.counts()).toMatchObject({ refreshes: 2, replays: 0 })

    // And those that it was given first are behind by one now; they work as well.
    capsules = fresh ?? capsules
    const last = await syncAndPull()
    expect(last.status.status).toBe('complete')
    expect(admin.counts()).toMatchObject({ refreshes: 2, replays: 0 })
    capsules = last.info.newAuth ?? capsules
  })

  it('is asked to reconnect when the grant was revoked at the provider, and continues after it', async () => {
    const before = await owner.contentDigest([POSTS])
    await world.sandbox.admin.revokeGrants()
    const answer = await http.syncByPost(PROVIDER, capsules)
    await expect(owner.await(answer)).rejects.toThrow('API error: Token expired, please reconnect.')
    expect(await http.ended(PROVIDER, answer.syncRequestId)).toMatchObject({
      status: 'error',
      error: { code: 'TOKEN_REVOKED', message: 'Token expired, please reconnect.' },
    })

    capsules = await http.connect(PROVIDER)
    const { status } = await syncAndPull()
    expect(status).toMatchObject({ status: 'complete', counts: { written: 0, deleted: 0 } })
    expect(await owner.contentDigest([POSTS])).toBe(before)
  })

  it('reads everything again after forget, into databases that continue the old revisions', async () => {
    const before = await owner.contentDigest([POSTS])
    const databases = await world.databases()
    const { forgotten } = await http.post<{ forgotten: readonly string[] }>(`/syncDone/${PROVIDER}`, {
      ...capsules,
      forget: true,
    })
    expect(forgotten).toContain(POSTS)
    expect((await world.databases()).map(({ length }) => length)).toEqual(
      databases.map(({ length }) => length - forgotten.length),
    )
    const { pulled } = await syncAndPull()
    expect(total(pulled)).toBe(expectedTotal('records'))
    expect(await owner.contentDigest([POSTS])).toBe(before)
  })

  it('ends with disconnect; what is connected again continues the old revisions too', async () => {
    const before = await owner.contentDigest([POSTS])
    expect(await http.post(`/disconnect/${PROVIDER}`, capsules)).toMatchObject({ revoked: true })
    await expect(http.syncByPost(PROVIDER, capsules)).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    capsules = await http.connect(PROVIDER)
    const { pulled } = await syncAndPull()
    expect(total(pulled)).toBe(expectedTotal('records'))
    expect(await owner.contentDigest([POSTS])).toBe(before)
  })
})
