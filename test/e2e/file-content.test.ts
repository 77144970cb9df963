/** Contents of files in an owner's databases: asked for by the connection, read with the owner's Vault, checked to the last byte. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consentText } from '../../src/api/authentication/owner-consent.js'
import { readConfig } from '../../src/config.js'
import { fileBytes } from '../../src/devnet/sandbox-service/content/files.js'
import type { PullReport } from '../../src/devnet/vault-app/index.js'
import { silentLog } from '../../src/lib/log.js'
import { startNode, type RunningNode } from '../../src/main.js'
import { checkReceipts, type Receipt } from '../../src/sync/index.js'
import { openOwner, type Owner } from '../support/owner.js'
import { openTenant, type Tenant } from '../support/tenant.js'
import { openWorld, PROVIDER, type World } from './world.js'

const SECRET = randomBytes(32).toString('base64url')
const FILE = 'https://common.schemas.verida.io/file/v0.1.0/schema.json'
const CHUNK = 'https://schemas.connector-node.org/file/chunk/v0.1.0/schema.json'
const MAX_BYTES = 4_000_000

interface Owned {
  readonly serverDid: string
  readonly signerDid: string
  readonly contextName: string
  readonly connections: readonly {
    readonly schemas: Readonly<
      Record<string, { readonly databaseName: string; readonly encryptionKey: string }>
    >
    readonly receipts: readonly Receipt[]
  }[]
}

describe('contents of files', () => {
  let world: World
  let node: RunningNode
  let tenant: Tenant
  let owner: Owner
  let id = ''
  /** Of the plan, as the service has it. */
  let plan = ''

  beforeAll(async () => {
    world = await openWorld({ storageNodes: 2 })
    const config = readConfig(world.environment({ JWT_SHARED_SECRET: SECRET, RATE_PER_TENANT: '100000' }))
    node = await startNode({ config, log: silentLog })
    await world.sandbox.admin.registerRedirectUri(`${node.url}/v1/oauth/${PROVIDER}/callback`)
    tenant = await openTenant(node.url, SECRET, 'acme')
    owner = await openOwner(world.devnet, 'owner')
    plan = await addFile('plan.dwg', 3_500_000)
    await addFile('model.dwg', 9_000_000)
  }, 120_000)
  afterAll(async () => {
    await owner.close()
    await node.close()
    await world.close()
  }, 60_000)

  async function addFile(name: string, bytes: number): Promise<string> {
    const facts = { name, bytes, extension: 'dwg', mimeType: 'image/vnd.dwg', kind: 'file', text: null }
    return (await world.sandbox.admin.add({ stream: 'files' }, facts))?.id ?? ''
  }

  const consent = (): Promise<string> =>
    owner.vault.signedRequest({
      method: 'POST',
      url: `${node.url}/v1/connectors`,
      body: consentText({ tenant: 'acme', type: PROVIDER }),
      audience: node.url,
    })
  const add = (facts: object) =>
    tenant.call('POST', '/api/files/connections', {
      endpoint_type: PROVIDER,
      file_types: ['*.dwg'],
      interval_minutes: 1_000,
      ...facts,
    })
  const logs = async (): Promise<readonly { readonly status: string }[]> => {
    const { json } = await tenant.call('GET', `/api/files/connections/${id}/logs`)
    return json['data'] as readonly { readonly status: string }[]
  }
  async function runsAre(count: number): Promise<void> {
    await expect.poll(async () => (await logs()).length, { timeout: 60_000, interval: 100 }).toBe(count)
    expect((await logs())[0]).toMatchObject({ status: 'completed' })
  }
  async function sync(): Promise<void> {
    const before = (await logs()).length
    expect((await tenant.call('POST', `/api/files/connections/${id}/sync`)).status).toBe(202)
    await runsAre(before + 1)
  }
  const owned = (): Promise<Owned> => owner.at(node.url).get<Owned>('/owned/connections')
  async function pull(): Promise<PullReport> {
    const { connections, ...answer } = await owned()
    return owner.vault.pull({ ...answer, schemas: connections[0]!.schemas })
  }
  const read = (sourceId: string) => owner.vault.file({ schema: FILE, chunkSchema: CHUNK, sourceId })
  const fetched = (): number => world.sandbox.admin.counts().calls.content
  /** What the service would give now. */
  function served(fileId: string): { readonly size: number; readonly sha256: string } {
    const item = world.sandbox.admin.read({ stream: 'files', id: fileId })!
    const bytes = Buffer.concat([...fileBytes(item)])
    return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  }

  it.each([
    ['rows of the tenant', { file_content_max_bytes: MAX_BYTES }, 'file_content_max_bytes'],
    ['no size', { file_content_max_bytes: 0 }, 'file_content_max_bytes'],
    ['more than may be fetched', { file_content_max_bytes: 1_000_000_001 }, 'file_content_max_bytes'],
    [
      'an owner who did not agree',
      { destination: 'vault', owner_did: 'did:vda:testnet:0x1' },
      'owner_consent',
    ],
  ])('are refused for %s', async (_what, facts, path) => {
    const { status, json } = await add(facts)
    expect([status, json['error']]).toMatchObject([400, { code: 'REQUEST_INVALID', errors: [{ path }] }])
  })

  it('are refused by /v1 where they cannot be had', async () => {
    const asked = async (facts: object) =>
      (
        await tenant.call('POST', '/v1/connectors', {
          connector_type: PROVIDER,
          options: { file_content_max_bytes: MAX_BYTES },
          ...facts,
        })
      ).json['error']
    const path = 'options.file_content_max_bytes'
    expect(await asked({})).toMatchObject({ code: 'REQUEST_INVALID', fields: [{ path }] })
    const vault = { destination: 'vault', owner_did: owner.did, owner_consent: await consent() }
    expect(await asked({ ...vault, streams: ['posts'] })).toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path, message: 'goes with the stream files only' }],
    })
  })

  it('go to the owner’s databases with the list, and his Vault puts a file of 3.5 MB together', async () => {
    const made = await add({
      destination: 'vault',
      owner_did: owner.did,
      owner_consent: await consent(),
      file_content_max_bytes: MAX_BYTES,
    })
    expect(made).toMatchObject({
      status: 201,
      json: {
        data: {
          destination: 'vault',
          owner_did: owner.did.toLowerCase(),
          file_content_max_bytes: MAX_BYTES,
        },
      },
    })
    ;({ id } = made.json['data'] as { readonly id: string })
    expect(await tenant.connect({ connector_id: id })).toBe(id)
    await runsAre(1)

    const { schemas } = await pull()
    expect(schemas[CHUNK]).toMatchObject({ pulled: 5, decrypted: 5, valid: 5, conflicts: 0, stale: 0 })
    const { connections } = await owned()
    expect(checkReceipts(connections[0]!.receipts, { did: node.did, pulled: schemas })).toEqual([])
    expect(await read(plan)).toEqual({ name: 'plan.dwg', ...served(plan) })
    expect(fetched()).toBe(1)
    // The tenant holds none of it.
    expect(await tenant.records(id)).toEqual([])
    expect((await tenant.call('GET', '/api/files')).json['data']).toEqual([])
  }, 120_000)

  it('that are too large are left out, and the record says so', async () => {
    const records = await owner.vault.records({ schema: FILE, limit: 100 })
    const contents = records.map((record) => [record['name'] as string, record['content']] as const)
    expect(Object.fromEntries<unknown>(contents)).toMatchObject({
      'plan.dwg': { state: 'stored', size: 3_500_000, chunks: 5 },
      'model.dwg': { state: 'absent', reason: 'too_large', size: 9_000_000, maxBytes: MAX_BYTES },
    })
  })

  it('that did not change are not fetched again', async () => {
    await sync()
    expect(fetched()).toBe(1)
  }, 60_000)

  it('that changed are fetched, and no chunk of before stays', async () => {
    await world.sandbox.admin.edit({ stream: 'files', id: plan }, { bytes: 1_200_000 })
    await sync()
    const { schemas } = await pull()
    expect(schemas[CHUNK]).toMatchObject({ pulled: 2, deleted: 3 })
    expect(await read(plan)).toEqual({ name: 'plan.dwg', ...served(plan) })
    expect(fetched()).toBe(2)
  }, 60_000)

  it('that a cut connection left half are fetched whole by the next sync', async () => {
    await world.sandbox.admin.edit({ stream: 'files', id: plan }, { bytes: 1_500_000 })
    world.sandbox.admin.setFault({ route: 'content', fault: { kind: 'cut' } })
    expect((await tenant.call('POST', `/api/files/connections/${id}/sync`)).status).toBe(202)
    await expect.poll(fetched, { timeout: 30_000, interval: 100 }).toBe(3)
    await expect.poll(async () => (await logs())[0]?.status, { timeout: 30_000 }).toBe('partial')
    await pull()
    await expect(read(plan)).rejects.toThrow('NOT_STORED: pending')
    await sync()
    await pull()
    expect(await read(plan)).toEqual({ name: 'plan.dwg', ...served(plan) })
  }, 120_000)

  it('go with their file when that goes', async () => {
    await world.sandbox.admin.edit({ stream: 'files', id: plan }, { name: 'plan.txt', extension: 'txt' })
    await sync()
    const { schemas } = await pull()
    expect(schemas[CHUNK]).toMatchObject({ pulled: 0 })
    await expect(read(plan)).rejects.toThrow('no such file')
  }, 60_000)

  it('end with the connection, on every storage node and here', async () => {
    const ended = await owner.at(node.url).post(`/owned/connections/${id}/disconnect`, {})
    expect(ended).toMatchObject({ forgotten: [FILE, CHUNK].sort() })
    const staging = join(world.folder, 'node', 'staging')
    expect((await readdir(staging)).filter((name) => !name.startsWith('.'))).toEqual([])
  }, 60_000)
})
