/** What a Vault may ask beside the journey: repeated and concurrent requests, status, receipts, and the ends of a connection. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Decision } from '../../src/devnet/sandbox-service/index.js'
import type { LinkCapsules, VaultHttp } from '../../src/devnet/vault-http.js'
import { keyholder, type Keyholder } from './keyholder.js'
import { localNode, type LocalNode } from './local-node.js'
import { openWorld, PROVIDER, type World } from './world.js'

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

interface Connected {
  readonly owner: Keyholder
  readonly http: VaultHttp
  readonly capsules: LinkCapsules
}

async function connected(decision?: Decision): Promise<Connected> {
  const owner = keyholder()
  const http = owner.at(node.url)
  return { owner, http, capsules: await http.connect(PROVIDER, decision) }
}

/** Connected, and one sync has ended well. */
async function synced(): Promise<Connected & { readonly id: string; readonly statusToken: string }> {
  const all = await connected()
  const { syncRequestId: id, statusToken = '' } = await all.http.syncByPost(PROVIDER, all.capsules)
  expect(await all.http.ended(PROVIDER, id)).toMatchObject({ status: 'complete' })
  return { ...all, id, statusToken }
}

const slowPosts = (): void =>
  world.sandbox.admin.setFault({ route: 'posts', fault: { kind: 'slow', delayMs: 1_500 } })

async function ask(path: string, init?: RequestInit) {
  const answer = await fetch(node.url + path, { redirect: 'manual', ...init })
  const body = (await answer.json()) as Record<string, unknown> & { error?: { code: string } }
  return { status: answer.status, headers: answer.headers, body, code: body.error?.code }
}

const refusal = (status: number, code: string) => expect.objectContaining({ status, code }) as unknown

describe('GET /sync', () => {
  it('takes the capsules as config={json} too, and texts that mean nothing beside it', async () => {
    const { owner, http, capsules } = await connected()
    const config = JSON.stringify(capsules)
    const query = {
      did: owner.did,
      key: owner.key,
      config,
      accessToken: 'undefined',
      refreshToken: 'undefined',
    }
    const { status, headers, body } = await ask(`/sync/${PROVIDER}?${new URLSearchParams(query).toString()}`)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('deprecation')).toBe('true')
    expect(await http.ended(PROVIDER, String(body['syncRequestId']))).toMatchObject({ status: 'complete' })
  })

  it.each(['undefined', 'null', ''])('takes the text %j for no capsule, and says one thing', async (none) => {
    const { owner, capsules } = await connected()
    const query = { did: owner.did, key: owner.key, accessToken: capsules.accessToken, refreshToken: none }
    const { status, body } = await ask(`/sync/${PROVIDER}?${new URLSearchParams(query).toString()}`)
    expect(status).toBe(409)
    expect(body.error).toMatchObject({ code: 'TOKEN_REVOKED', message: 'Token expired, please reconnect.' })
  })

  it('runs once a minute: what is asked again gets the ids of the last run', async () => {
    const { http, capsules } = await connected()
    const first = await http.syncByGet(PROVIDER, capsules)
    expect(await http.syncByGet(PROVIDER, capsules)).toEqual(first)
    await http.ended(PROVIDER, first.syncRequestId)
    world.sandbox.admin.resetCounts()
    expect(await http.syncByGet(PROVIDER, capsules)).toEqual(first)
    expect(world.sandbox.admin.counts().calls.posts).toBe(0)
  })

  it('may be tried again at once when the first try failed', async () => {
    const { http, capsules } = await connected()
    const [{ faults } = { faults: undefined }] = world.devnet.storageNodes
    faults?.set({ at: 'couch', fault: { kind: 'status', status: 503 } })
    await expect(http.syncByGet(PROVIDER, capsules)).rejects.toMatchObject({
      status: 503,
      code: 'STORAGE_UNREACHABLE',
    })
    faults?.clear()
    const { syncRequestId } = await http.syncByGet(PROVIDER, capsules)
    expect(await http.ended(PROVIDER, syncRequestId)).toMatchObject({ status: 'complete' })
  })
})

describe('a second request while a sync runs', () => {
  it('gets the running ids, and no second secret', async () => {
    const { http, capsules } = await connected()
    slowPosts()
    const first = await http.syncByPost(PROVIDER, capsules)
    const { statusToken, ...ids } = first
    expect(statusToken).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await http.syncByPost(PROVIDER, capsules)).toEqual(ids)
    expect(await http.syncByGet(PROVIDER, capsules)).toEqual(ids)
    await http.ended(PROVIDER, first.syncRequestId)
  })

  it('with another key of the same owner gets nothing', async () => {
    const { owner, http, capsules } = await connected()
    const otherKey = owner.at(node.url, randomBytes(32).toString('hex'))
    const otherCapsules = await otherKey.connect(PROVIDER)
    slowPosts()
    const { syncRequestId } = await http.syncByPost(PROVIDER, capsules)
    const conflict = { status: 503, code: 'WRITE_CONFLICT' }
    await expect(otherKey.syncByPost(PROVIDER, otherCapsules)).rejects.toMatchObject(conflict)
    await expect(otherKey.syncByGet(PROVIDER, otherCapsules)).rejects.toMatchObject(conflict)
    await http.ended(PROVIDER, syncRequestId)
  })

  it('cannot end the connection', async () => {
    const { http, capsules } = await connected()
    slowPosts()
    const { syncRequestId } = await http.syncByPost(PROVIDER, capsules)
    const conflict = { status: 503, code: 'WRITE_CONFLICT' }
    await expect(http.post(`/disconnect/${PROVIDER}`, capsules)).rejects.toMatchObject(conflict)
    const forget = { ...capsules, forget: true }
    await expect(http.post(`/syncDone/${PROVIDER}`, forget)).rejects.toMatchObject(conflict)
    expect(await http.ended(PROVIDER, syncRequestId)).toMatchObject({ status: 'complete' })
  })
})

describe('the status of a sync', () => {
  it('is read by its token or by its owner, and is unknown to everybody else', async () => {
    const { http, id, statusToken } = await synced()
    const path = `/syncStatus/${PROVIDER}/${id}`
    const byToken = await ask(path, { headers: { authorization: `Bearer ${statusToken}` } })
    expect(byToken.status).toBe(200)
    expect(byToken.headers.get('cache-control')).toBe('no-store')
    expect(byToken.body).toEqual(await http.status(PROVIDER, id))
    expect(JSON.stringify(byToken.body)).not.toMatch(/encryptionKey|databaseName|[0-9a-f]{64}/)

    const unknown = refusal(404, 'SYNC_UNKNOWN')
    const with_ = (token: string, at = path) => ask(at, { headers: { authorization: `Bearer ${token}` } })
    expect(await with_('x'.repeat(43))).toEqual(unknown)
    expect(await with_(statusToken, `/syncStatus/facebook/${id}`)).toEqual(unknown)
    expect(await with_(statusToken, `/syncStatus/${PROVIDER}/${'0'.repeat(32)}`)).toEqual(unknown)
    expect(await ask(path)).toEqual(refusal(401, 'UNAUTHENTICATED'))
    const stranger = keyholder().at(node.url)
    await expect(stranger.status(PROVIDER, id)).rejects.toMatchObject({ status: 404, code: 'SYNC_UNKNOWN' })
    // The same answer as for a sync that never was.
    await expect(stranger.status(PROVIDER, '0'.repeat(32))).rejects.toMatchObject({ code: 'SYNC_UNKNOWN' })
    const { statusToken: others } = await synced()
    expect(await with_(others)).toEqual(unknown)
  })

  it("has receipts that are their owner's alone", async () => {
    const { http, id, statusToken } = await synced()
    const { receipts } = await http.get<{ receipts: readonly { body: object }[] }>(`/syncs/${id}/receipt`)
    expect(receipts.length).toBeGreaterThan(0)
    const path = `/syncs/${id}/receipt`
    await expect(keyholder().at(node.url).get(path)).rejects.toMatchObject({
      status: 404,
      code: 'SYNC_UNKNOWN',
    })
    const byToken = await ask(path, { headers: { authorization: `Bearer ${statusToken}` } })
    expect(byToken).toEqual(refusal(401, 'UNAUTHENTICATED'))
  })
})

describe('POST /syncDone', () => {
  it('is refused while something staged is not proven, and works once it is', async () => {
    const { http, capsules } = await connected()
    const [{ faults } = { faults: undefined }] = world.devnet.storageNodes
    faults?.set({ at: 'revsDiff', fault: { kind: 'status', status: 503 } })
    const { syncRequestId } = await http.syncByPost(PROVIDER, capsules)
    const ended = await http.ended(PROVIDER, syncRequestId)
    expect(ended).toMatchObject({ status: 'error', error: { code: 'STORAGE_UNREACHABLE' } })
    await expect(http.post(`/syncDone/${PROVIDER}`, {})).rejects.toMatchObject({
      status: 409,
      code: 'NOT_VERIFIED',
    })
    // The old form is harmless and says nothing of it.
    expect(await http.doneByGet(PROVIDER)).toMatchObject({ success: true })
    faults?.clear()
    const again = await http.syncByPost(PROVIDER, capsules)
    expect(await http.ended(PROVIDER, again.syncRequestId)).toMatchObject({ status: 'complete', more: false })
    const done = await Promise.all(
      Array.from({ length: 5 }, () => http.post<{ clearedDatabases: string[] }>(`/syncDone/${PROVIDER}`, {})),
    )
    for (const { clearedDatabases } of done) expect(clearedDatabases).toHaveLength(5)
  })

  it('tells an owner of his own connections, and GET tells a stranger nothing', async () => {
    await synced()
    const stranger = keyholder()
    const http = stranger.at(node.url)
    expect(await http.post(`/syncDone/${PROVIDER}`, {})).toEqual({ success: true, clearedDatabases: [] })
    const asked = async (did: string) => (await ask(`/syncDone/${PROVIDER}?did=${did}&nonce=1`)).body
    expect(await asked(stranger.did)).toEqual(await asked((await synced()).owner.did))
  })

  it('with forget needs the key and the capsules, and deletes the databases on the storage nodes', async () => {
    const { http, owner, capsules } = await synced()
    const [before = []] = await world.databases()
    const withoutCapsules = owner.post(node.url, `/syncDone/${PROVIDER}`, {
      did: owner.did,
      key: owner.key,
      forget: true,
    })
    expect((await withoutCapsules).status).toBe(409)
    const withoutKey = owner.post(node.url, `/syncDone/${PROVIDER}`, {
      did: owner.did,
      forget: true,
      ...capsules,
    })
    expect((await withoutKey).status).toBe(400)
    const [untouched = []] = await world.databases()
    expect(untouched).toEqual(before)
    const answer = await http.post<{ forgotten: string[] }>(`/syncDone/${PROVIDER}`, {
      ...capsules,
      forget: true,
    })
    expect(answer.forgotten).toHaveLength(5)
    const [after = []] = await world.databases()
    expect(after.length).toBe(before.length - 5)
  })
})

describe('POST /disconnect', () => {
  it('revokes at the provider, deletes the databases, and no capsule of this account opens anything after it', async () => {
    const { http, capsules } = await synced()
    const earlier = await http.connect(PROVIDER)
    const { admin } = world.sandbox
    admin.resetCounts()
    expect(await http.post(`/disconnect/${PROVIDER}`, capsules)).toMatchObject({
      success: true,
      revoked: true,
      forgotten: expect.arrayContaining([expect.any(String)]) as string[],
    })
    expect(admin.counts().calls.revoke).toBe(1)
    const revoked = { status: 409, code: 'TOKEN_REVOKED' }
    for (const pair of [capsules, earlier]) {
      await expect(http.syncByPost(PROVIDER, pair)).rejects.toMatchObject(revoked)
      await expect(http.syncByGet(PROVIDER, pair)).rejects.toMatchObject(revoked)
      await expect(http.post(`/disconnect/${PROVIDER}`, pair)).rejects.toMatchObject(revoked)
    }
  })

  it('ends here even when the provider does not answer, and says so', async () => {
    const { http, capsules } = await synced()
    world.sandbox.admin.setFault({ route: 'revoke', fault: { kind: 'status', status: 500 }, times: Infinity })
    expect(await http.post(`/disconnect/${PROVIDER}`, capsules)).toMatchObject({
      revoked: false,
      reason: 'PROVIDER_DOWN',
    })
    await expect(http.syncByPost(PROVIDER, capsules)).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
  })
})

describe('a grant', () => {
  it('with fewer scopes syncs what was granted, and names what was not', async () => {
    const { http, capsules } = await connected({ without: ['calendar'] })
    const { syncRequestId } = await http.syncByPost(PROVIDER, capsules)
    const status = await http.ended(PROVIDER, syncRequestId)
    expect(status).toMatchObject({ status: 'complete' })
    const { issues } = status as unknown as { issues: readonly { stream: string; code: string }[] }
    expect(issues).toEqual(
      expect.arrayContaining([expect.objectContaining({ stream: 'calendars', code: 'SCOPE_MISSING' })]),
    )
  })
})
