/** A tenant's connector that fills an owner's databases: by the owner's agreement, read with his Vault, and ended by him; the tenant sees none of it. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consentText } from '../../src/api/authentication/owner-consent.js'
import { readConfig } from '../../src/config.js'
import type { PullReport } from '../../src/devnet/vault-app/index.js'
import { createLog } from '../../src/lib/log.js'
import { startNode, type RunningNode } from '../../src/main.js'
import { checkReceipts, type Receipt } from '../../src/sync/index.js'
import { openOwner, type Owner } from '../support/owner.js'
import { openTenant, type Tenant } from '../support/tenant.js'
import { openWorld, PROVIDER, type World } from './world.js'

const SECRET = randomBytes(32).toString('base64url')
const POST = 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json'

interface Owned {
  readonly did: string
  readonly serverDid: string
  readonly signerDid: string
  readonly contextName: string
  readonly connections: readonly {
    readonly id: string
    readonly tenant: string
    readonly provider: string
    readonly status: string
    readonly schemas: Readonly<
      Record<string, { readonly databaseName: string; readonly encryptionKey: string }>
    >
    readonly receipts: readonly Receipt[]
  }[]
}

describe('a connector of a DID in node custody', () => {
  let world: World
  let node: RunningNode
  let tenant: Tenant
  let owner: Owner
  let stranger: Owner
  const lines: string[] = []

  beforeAll(async () => {
    world = await openWorld({ storageNodes: 2 })
    const config = readConfig(
      world.environment({ JWT_SHARED_SECRET: SECRET, RATE_PER_TENANT: '100000', SLICE_MS: '120000' }),
    )
    const log = createLog({ level: 'debug', json: true, write: (line) => lines.push(line) })
    node = await startNode({ config, log })
    await world.sandbox.admin.registerRedirectUri(`${node.url}/v1/oauth/${PROVIDER}/callback`)
    tenant = await openTenant(node.url, SECRET, 'acme')
    owner = await openOwner(world.devnet, 'owner')
    stranger = await openOwner(world.devnet, 'stranger')
  }, 120_000)
  afterAll(async () => {
    await owner.close()
    await stranger.close()
    await node.close()
    await world.close()
  }, 60_000)

  const consent = (
    { vault }: Owner,
    of: { readonly tenant?: string; readonly type?: string } = {},
  ): Promise<string> =>
    vault.signedRequest({
      method: 'POST',
      url: `${node.url}/v1/connectors`,
      body: consentText({ tenant: 'acme', type: PROVIDER, ...of }),
      audience: node.url,
    })
  const create = (facts: object) =>
    tenant.call('POST', '/v1/connectors', { connector_type: PROVIDER, destination: 'vault', ...facts })
  const owned = (owner: Owner): Promise<Owned> => owner.at(node.url).get<Owned>('/owned/connections')

  let id = ''
  async function sync(): Promise<void> {
    const at = async () => (await tenant.call('GET', `/v1/connectors/${id}/health`)).json['last_success_at']
    const before = await at()
    expect((await tenant.call('POST', `/v1/connectors/${id}/sync`)).status).toBe(202)
    await expect.poll(at, { timeout: 60_000, interval: 100 }).not.toBe(before)
  }
  async function pull(): Promise<PullReport> {
    const { connections, ...answer } = await owned(owner)
    const { schemas } = connections[0]!
    return owner.vault.pull({ ...answer, schemas })
  }

  it('is refused without the very agreement of that DID to this tenant and type, once', async () => {
    const other = await consent(owner, { tenant: 'other' })
    const otherType = await consent(owner, { type: 'facebook' })
    const strangers = await consent(stranger)
    const attempts: readonly (readonly [object, string])[] = [
      [{}, 'owner_did'],
      [{ owner_did: owner.did }, 'owner_consent'],
      [{ owner_did: 'nobody', owner_consent: strangers }, 'owner_did'],
      [{ owner_did: owner.did, owner_consent: 'a.b.c' }, 'owner_consent'],
      [{ owner_did: owner.did, owner_consent: other }, 'owner_consent'],
      [{ owner_did: owner.did, owner_consent: otherType }, 'owner_consent'],
      [{ owner_did: owner.did, owner_consent: strangers }, 'owner_consent'],
      [{ destination: 'tables', owner_did: owner.did }, 'owner_did'],
    ]
    for (const [facts, path] of attempts) {
      const { status, json } = await create(facts)
      const { code, fields } = json['error'] as {
        readonly code: string
        readonly fields: readonly { readonly path: string }[]
      }
      expect([facts, status, code]).toEqual([facts, 400, 'REQUEST_INVALID'])
      expect(fields.map((field) => field.path)).toContain(path)
    }
    expect((await tenant.call('GET', '/v1/connectors')).json['data']).toEqual([])
  })

  it('is made by it, and its records go to the owner’s databases: the tenant gets none', async () => {
    const token = await consent(owner)
    const made = await create({ owner_did: owner.did, owner_consent: token })
    expect(made).toMatchObject({
      status: 201,
      json: { status: 'pending', destination: 'vault', owner_did: owner.did.toLowerCase() },
    })
    expect(await create({ owner_did: owner.did, owner_consent: token })).toMatchObject({ status: 400 })
    id = String(made.json['id'])
    expect((await owned(owner)).connections).toMatchObject([
      { id, tenant: 'acme', status: 'pending', schemas: {} },
    ])
    expect(await tenant.connect({ connector_id: id })).toBe(id)
    await sync()
    expect(await tenant.records(id)).toEqual([])
    expect(await tenant.call('GET', `/v1/connectors/${id}/preview`)).toMatchObject({
      status: 403,
      json: { error: { code: 'FORBIDDEN' } },
    })
  }, 120_000)

  it('is read by the owner’s own Vault with the keys that only he is told, whole and as the receipts say', async () => {
    const { schemas } = await pull()
    const counts = Object.values(schemas).map((report) => report.pulled)
    const expected = Object.values(world.sandbox.expected).reduce((sum, { records }) => sum + records, 0)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(expected)
    for (const report of Object.values(schemas))
      expect(report).toMatchObject({ conflicts: 0, stale: 0, valid: report.pulled, decrypted: report.pulled })
    const { connections } = await owned(owner)
    expect(connections[0]?.receipts).toHaveLength(Object.keys(schemas).length)
    expect(checkReceipts(connections[0]!.receipts, { did: node.did, pulled: schemas })).toEqual([])
  }, 120_000)

  it('follows an edit at the next sync', async () => {
    const [first = ''] = world.sandbox.admin.ids({ stream: 'posts' })
    await world.sandbox.admin.edit({ stream: 'posts', id: first }, { text: 'edited by hand' })
    await sync()
    await pull()
    const records = await owner.vault.records({ schema: POST, limit: 1_000 })
    expect(records.filter((record) => JSON.stringify(record).includes('edited by hand'))).toHaveLength(1)
  }, 120_000)

  it('shows its keys to nobody else: not to a stranger, not to its tenant, not in a log', async () => {
    expect((await owned(stranger)).connections).toEqual([])
    expect(await tenant.call('GET', '/owned/connections')).toMatchObject({ status: 401 })
    const { connections } = await owned(owner)
    const keys = Object.values(connections[0]!.schemas).map(({ encryptionKey }) => encryptionKey)
    expect(keys.length).toBeGreaterThan(0)
    const told = [
      ...lines,
      (await tenant.call('GET', `/v1/connectors/${id}`)).text,
      (await tenant.call('GET', '/v1/audit')).text,
    ].join('\n')
    for (const key of keys) expect(told).not.toContain(key)
    await expect(stranger.at(node.url).post(`/owned/connections/${id}/disconnect`, {})).rejects.toMatchObject(
      {
        status: 404,
        code: 'CONNECTOR_UNKNOWN',
      },
    )
  })

  it('is ended by its owner, whatever the tenant wants: revoked, and gone from every storage node', async () => {
    const before = (await world.databases()).map((names) => names.length)
    const { connections } = await owned(owner)
    const count = Object.keys(connections[0]!.schemas).length
    const ended = await owner.at(node.url).post(`/owned/connections/${id}/disconnect`, {})
    expect(ended).toEqual({ revoked: true, forgotten: Object.keys(connections[0]!.schemas).sort() })
    expect((await world.databases()).map((names) => names.length)).toEqual(before.map((all) => all - count))
    expect((await tenant.call('GET', `/v1/connectors/${id}`)).status).toBe(404)
    expect((await owned(owner)).connections).toEqual([])
  }, 60_000)
})
