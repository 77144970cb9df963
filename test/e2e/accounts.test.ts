/** Limits, mass deletions, several accounts of one owner, and many requests at once: nothing is lost, doubled or mixed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { schemaUri } from '../../schemas/index.js'
import type { LinkCapsules, PlayedStatus, VaultHttp } from '../../src/devnet/vault-http.js'
import { keyholder } from './keyholder.js'
import { localNode, type LocalNode } from './local-node.js'
import { openWorld, PROVIDER, type World } from './world.js'

const POSTS = schemaUri('social/post')

let world: World
let node: LocalNode

beforeAll(async () => {
  world = await openWorld()
  node = await localNode(world)
}, 120_000)
afterAll(async () => {
  await node.close()
  await world.close()
})
afterEach(() => {
  world.sandbox.admin.clearFaults()
  for (const { faults } of world.devnet.storageNodes) faults.clear()
})

async function run(http: VaultHttp, capsules: LinkCapsules, more?: object) {
  const { syncRequestId } = await http.syncByPost(PROVIDER, capsules, more)
  const status = await http.ended(PROVIDER, syncRequestId)
  return status as PlayedStatus & { readonly suspectedDeletes: readonly { readonly count: number }[] }
}

const expectedRecords = (): number =>
  Object.values(world.sandbox.expected).reduce((sum, { records }) => sum + records, 0)

describe('a sync', () => {
  it('with a limit reads no more than whole pages, and the rest comes with the next one', async () => {
    const http = keyholder().at(node.url)
    const capsules = await http.connect(PROVIDER)
    const first = await run(http, capsules, { syncSchemas: { [POSTS]: { limit: 10 } } })
    expect(first).toMatchObject({ status: 'complete', more: true })
    expect(first.counts.fetched).toBe(40)
    const second = await run(http, capsules)
    expect(second).toMatchObject({ status: 'complete', more: false })
    expect(first.counts.written + second.counts.written).toBe(expectedRecords())
  })

  it('of a schema that the provider does not have is refused', async () => {
    const http = keyholder().at(node.url)
    const capsules = await http.connect(PROVIDER)
    const syncSchemas = { 'https://example.test/none': {} }
    await expect(http.syncByPost(PROVIDER, capsules, { syncSchemas })).rejects.toMatchObject({
      status: 422,
      code: 'CAPABILITY_MISSING',
    })
  })

  it('that would delete more than half of a stream waits for its owner to confirm it', async () => {
    const person = 'noor'
    const http = keyholder().at(node.url)
    const capsules = await http.connect(PROVIDER, { person })
    await run(http, capsules)
    const address = { person, stream: 'followings' } as const
    const ids = world.sandbox.admin.ids(address)
    const removed = ids.slice(0, Math.ceil(ids.length * 0.8))
    for (const id of removed) await world.sandbox.admin.remove({ ...address, id })
    const suspicious = await run(http, capsules)
    expect(suspicious).toMatchObject({ status: 'complete', counts: { deleted: 0 } })
    expect(suspicious.suspectedDeletes).toHaveLength(1)
    const confirmed = await run(http, capsules, { confirmDeletes: true })
    expect(confirmed.counts.deleted).toBeGreaterThan(ids.length / 2)
    expect(confirmed.suspectedDeletes).toEqual([])
    expect((await run(http, capsules)).counts).toMatchObject({ deleted: 0, written: 0 })
  })
})

describe('two accounts of one owner', () => {
  it('have databases of their own, and ending one leaves the other whole', async () => {
    const http = keyholder().at(node.url)
    const [before = []] = await world.databases()
    const maya = await http.connect(PROVIDER, { person: 'maya' })
    const jonas = await http.connect(PROVIDER, { person: 'jonas' })
    await Promise.all([run(http, maya), run(http, jonas)])
    const [both = []] = await world.databases()
    // One more for the request records, which the two share.
    expect(both.length - before.length).toBe(11)
    const { forgotten } = await http.post<{ forgotten: string[] }>(`/disconnect/${PROVIDER}`, maya)
    expect(forgotten).toHaveLength(5)
    const [left = []] = await world.databases()
    expect(both.length - left.length).toBe(5)
    await expect(http.syncByPost(PROVIDER, maya)).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    expect(await run(http, jonas)).toMatchObject({ status: 'complete', counts: { written: 0, deleted: 0 } })
  })
})

describe('many requests at once', () => {
  it('make one run: every GET gets its ids, or is told to come back', async () => {
    const http = keyholder().at(node.url)
    const capsules = await http.connect(PROVIDER)
    world.sandbox.admin.resetCounts()
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => http.syncByGet(PROVIDER, capsules)),
    )
    const ids = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value.syncRequestId] : [],
    )
    expect(new Set(ids).size).toBe(1)
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' })
    expect(await http.ended(PROVIDER, ids[0] ?? '')).toMatchObject({ status: 'complete' })
    // 120 posts in pages of 40, once.
    expect(world.sandbox.admin.counts().calls.posts).toBe(3)
  })

  it('with an expired token refresh it once, and never send a used one', async () => {
    const owners = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const http = keyholder().at(node.url)
        return { http, capsules: await http.connect(PROVIDER) }
      }),
    )
    await world.sandbox.admin.expireAccessTokens()
    world.sandbox.admin.resetCounts()
    const requests = owners.flatMap((owner) => Array.from({ length: 5 }, () => owner))
    await Promise.allSettled(requests.map(({ http, capsules }) => run(http, capsules)))
    expect(world.sandbox.admin.counts()).toMatchObject({ refreshes: owners.length, replays: 0 })
    for (const { http, capsules } of owners)
      expect(await run(http, capsules)).toMatchObject({ status: 'complete', counts: { written: 0 } })
  })

  it('disconnect once, and all find it ended', async () => {
    const http = keyholder().at(node.url)
    const capsules = await http.connect(PROVIDER)
    await run(http, capsules)
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => http.post(`/disconnect/${PROVIDER}`, capsules)),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(http.syncByPost(PROVIDER, capsules)).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
  })
})

describe('an end that does not succeed', () => {
  it('can be asked for again: disconnect while a storage node is away', async () => {
    const http = keyholder().at(node.url)
    const capsules = await http.connect(PROVIDER)
    await run(http, capsules)
    const [storage] = world.devnet.storageNodes
    const [before = []] = await world.databases()
    storage?.faults.set({ at: 'any', fault: { kind: 'status', status: 503 } })
    await expect(http.post(`/disconnect/${PROVIDER}`, capsules)).rejects.toMatchObject({
      status: 503,
      code: 'STORAGE_UNREACHABLE',
    })
    storage?.faults.clear()
    expect(await http.post(`/disconnect/${PROVIDER}`, capsules)).toMatchObject({
      revoked: true,
      forgotten: expect.arrayContaining([POSTS]) as string[],
    })
    const [after = []] = await world.databases()
    expect(before.length - after.length).toBe(5)
  })
})
