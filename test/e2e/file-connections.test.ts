/** File connections over HTTP and by the commands, on a whole node with the practice service. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readJwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES, type Scope } from '../../src/api/authentication/principal.js'
import { parseCommand, type ConnectionsCommand } from '../../src/cli/commands.js'
import { connections } from '../../src/cli/connections.js'
import { createClient, type Client, type Output } from '../../src/client/client.js'
import { readConfig } from '../../src/config.js'
import { approve } from '../../src/devnet/sandbox-service/index.js'
import { systemClock } from '../../src/lib/clock.js'
import { silentLog } from '../../src/lib/log.js'
import { Redacted } from '../../src/lib/redacted.js'
import { startNode, type RunningNode } from '../../src/main.js'

type Connection = Output<'getFileConnection'>['data']
type Log = Output<'listFileSyncs'>['data'][number]

const OPERATOR = 'operator-token-of-this-test-0123456789'
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000'

let folder: string
let node: RunningNode
let mint: (tenant: string, subject: string) => Promise<string>
let ann: Client
let service: Client

const clientWith = (token: string): Client => createClient({ url: node.url, token: () => token })
const clientOf = async (tenant: string, subject: string): Promise<Client> =>
  clientWith(await mint(tenant, subject))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'))
  const config = readConfig({
    DATA_DIR: folder,
    PORT: '0',
    DEVNET_PORT: '0',
    SANDBOX_PORT: '0',
    OPERATOR_TOKEN: OPERATOR,
    SLICE_MS: '120000',
    CONNECTOR_MAX_CONCURRENT_SYNCS: '10',
  })
  node = await startNode({ config, log: silentLog })
  const trust = await readJwtTrust(config)
  if (trust?.kind !== 'secret') throw new Error('no secret')
  mint = (tenant, subject) =>
    mintJwt(trust, { tenant, subject, scopes: SCOPES, lifetimeMs: 600_000 }, systemClock)
  ann = await clientOf('acme', 'ann')
  const scopes: Scope[] = ['connectors:read', 'connectors:write', 'records:read']
  const made = await ann.call('createServiceToken', { body: { name: 'files', scopes } })
  service = clientWith(made.token)
}, 90_000)
afterAll(async () => {
  await node.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

async function connect(client: Client, id: string): Promise<void> {
  const asked = await client.call('authorizeConnector', {
    params: { type: 'sandbox' },
    body: { connector_id: id },
  })
  const started = await fetch(asked.authorize_url, { redirect: 'manual' })
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const callback = await approve(started.headers.get('location') ?? '')
  const connected = await fetch(callback, { headers: { cookie, accept: 'application/json' } })
  expect(connected.status).toBe(200)
}

/** The runs so far, the newest first, once there are so many. */
async function runs(id: string, count: number): Promise<readonly Log[]> {
  for (let looks = 0; looks < 400; looks += 1) {
    const { data } = await ann.call('listFileSyncs', { params: { id } })
    if (data.length >= count) return data
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`there were not ${count} runs in 40 s`)
}

async function syncOnce(id: string): Promise<Log | undefined> {
  const before = (await ann.call('listFileSyncs', { params: { id } })).data.length
  await ann.call('syncFileConnection', { params: { id } })
  return (await runs(id, before + 1))[0]
}

const stateOf = async (client: Client, id: string) =>
  (await client.call('getFileStatus')).data.find((state) => state.id === id)

const change = async (id: string, body: object): Promise<Connection> =>
  (await ann.call('updateFileConnection', { params: { id }, body })).data

let id = ''
/** Files of the practice account that a first sync keeps. */
const kept = (): number => node.embedded?.sandbox.expected['files']?.records ?? 0

describe('a file connection', () => {
  it('begins with the defaults of its seed, and waits for a sign-in', async () => {
    const { data, message } = await ann.call('addFileConnection', {
      body: { endpoint_type: 'sandbox', name: 'Project 0001', project_id: 'project_0001' },
    })
    id = data.id
    expect(data).toMatchObject({
      name: 'Project 0001',
      endpoint_type: 'sandbox',
      project_id: 'project_0001',
      user_id: 'ann',
      description: null,
      enabled: true,
      status: 'pending',
      schedule_type: 'interval',
      schedule_cron: null,
      interval_minutes: 5,
      file_types: ['*'],
      max_files_per_sync: 1_000,
      endpoint_config: {},
      tags: [],
      last_sync_status: 'pending',
    })
    expect(message).toContain('/v1/oauth/sandbox/authorize')
    expect(await stateOf(ann, id)).toMatchObject({ token_status: 'No Token', total_files: 0, total_size: 0 })
    await expect(ann.call('syncFileConnection', { params: { id } })).rejects.toMatchObject({
      code: 'TOKEN_REVOKED',
    })
  })

  it('lists what its types name, and goes on where the cap stopped it', async () => {
    await change(id, { file_types: ['application/pdf'], max_files_per_sync: 100 })
    await connect(ann, id)
    const [first] = await runs(id, 1)
    expect(first).toMatchObject({ status: 'partial', error_code: null })
    expect(first?.items_read).toBeGreaterThanOrEqual(100)
    expect(first?.items_read).toBeLessThan(200)
    const next = await syncOnce(id)
    expect(next?.items_read).toBeGreaterThan(0)
    const { data } = await ann.call('listFiles', { query: { connection_id: id, limit: '500' } })
    expect(new Set(data.map((file) => file.mime_type))).toEqual(new Set(['application/pdf']))
    expect(data).toHaveLength((first?.files_written ?? 0) + (next?.files_written ?? 0))
  }, 90_000)

  it('lists everything once everything is wanted, by all the seed’s fields', async () => {
    await change(id, { file_types: ['*'], max_files_per_sync: 100_000 })
    expect(await syncOnce(id)).toMatchObject({ status: 'completed', files_skipped: 0 })
    const state = await stateOf(ann, id)
    expect(state).toMatchObject({
      token_status: 'Valid',
      last_sync_status: 'completed',
      total_files: kept(),
      latest_update: '2099-12-31T23:59:59.000Z',
    })
    expect(state?.total_size).toBeGreaterThan(0)
    expect(state?.next_run_at).not.toBeNull()
    const { data } = await ann.call('listFiles', { query: { connection_id: id, limit: '1' } })
    expect(data[0]).toMatchObject({
      endpoint_id: id,
      sync_status: 'completed',
      file_path: `/${String(data[0]?.file_name).replaceAll('/', '%2F')}`,
      deleted_at: null,
    })
    expect(data[0]?.file_link).toMatch(/^https:/)
  }, 90_000)

  it('fetches only what changed', async () => {
    const admin = node.embedded!.sandbox.admin
    const [, file = ''] = admin.ids({ stream: 'files' })
    const modifiedAt = new Date().toISOString()
    await admin.edit(
      { stream: 'files', id: file },
      { name: 'renamed by hand.xyz', extension: 'xyz', modifiedAt },
    )
    const run = await syncOnce(id)
    expect(run).toMatchObject({ status: 'completed', files_written: 1 })
    const { data } = await ann.call('listFiles', { query: { name: 'RENAMED by', file_type: 'xyz' } })
    expect(data).toMatchObject([{ external_file_id: file, file_name: 'renamed by hand.xyz' }])
  }, 60_000)

  it('lists its files page by page, each once', async () => {
    const seen: string[] = []
    for (let cursor: string | undefined; ;) {
      const query = { connection_id: id, limit: '200', ...(cursor !== undefined && { cursor }) }
      const { data, meta } = await ann.call('listFiles', { query })
      seen.push(...data.map((file) => file.id))
      if (meta.page.nextCursor === null) break
      cursor = meta.page.nextCursor
    }
    expect([seen.length, new Set(seen).size]).toEqual([kept(), kept()])
  })

  it('is seen by its person and by applications of its tenant, and by nobody else', async () => {
    const { data } = await service.call('getFileConnection', { params: { id } })
    expect(data.user_id).toBe('ann')
    expect((await stateOf(service, id))?.total_files).toBe(kept())
    for (const stranger of [await clientOf('acme', 'bob'), await clientOf('other', 'ann')]) {
      const params = { id }
      for (const ask of [
        () => stranger.call('getFileConnection', { params }),
        () => stranger.call('updateFileConnection', { params, body: { name: 'mine' } }),
        () => stranger.call('syncFileConnection', { params }),
        () => stranger.call('testFileConnection', { params }),
        () => stranger.call('listFileSyncs', { params }),
        () => stranger.call('listFiles', { query: { connection_id: id } }),
      ])
        await expect(ask()).rejects.toMatchObject({ status: 404, code: 'CONNECTOR_UNKNOWN' })
      expect((await stranger.call('listFileConnections')).data).toEqual([])
      expect((await stranger.call('listFiles')).data).toEqual([])
      expect((await stranger.call('getFileStatus')).data).toEqual([])
    }
    const operator = clientWith(OPERATOR)
    expect(await stateOf(operator, id)).toMatchObject({ tenant: 'acme' })
    const headers = { 'x-tenant': 'other' }
    expect((await operator.call('getFileStatus', { headers })).data).toEqual([])
    await expect(operator.call('listFileConnections')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('keeps a cursor to its own list', async () => {
    const { meta } = await ann.call('listFiles', { query: { connection_id: id, limit: '1' } })
    const cursor = meta.page.nextCursor ?? ''
    const other = service.call('listFiles', { query: { connection_id: id, limit: '1', cursor } })
    await expect(other).rejects.toMatchObject({ code: 'REQUEST_INVALID', fields: [{ path: 'cursor' }] })
  })

  it('is disabled and enabled, and takes another schedule', async () => {
    expect(await change(id, { enabled: false })).toMatchObject({ enabled: false, status: 'paused' })
    await expect(ann.call('syncFileConnection', { params: { id } })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
    const changed = await change(id, {
      enabled: true,
      schedule_type: 'cron',
      schedule_cron: '0 6 * * 1-5',
      tags: ['nightly'],
      description: 'of the plan',
    })
    expect(changed).toMatchObject({
      enabled: true,
      schedule_type: 'cron',
      schedule_cron: '0 6 * * 1-5',
      interval_minutes: null,
      tags: ['nightly'],
      description: 'of the plan',
    })
    const { data } = await ann.call('listFileConnections', { query: { tag: 'nightly', enabled: 'true' } })
    expect(data.map((one) => one.id)).toEqual([id])
  })
})

describe('bad input', () => {
  const add = (body: object) =>
    ann
      .call('addFileConnection', { body: { endpoint_type: 'sandbox', ...body } })
      .catch((error: unknown) => error)

  it.each([
    [{ endpoint_type: 'nothing' }, 'endpoint_type'],
    [{ endpoint_type: 'stripe' }, 'endpoint_type'],
    [{ interval_minutes: 1 }, 'interval_minutes'],
    [{ interval_minutes: 2.5 }, 'interval_minutes'],
    [{ schedule_type: 'cron', schedule_cron: '0 0 30 2 *' }, 'schedule_cron'],
    [{ schedule_cron: '* * * * *' }, 'schedule_cron'],
    [{ schedule_type: 'weekly' }, 'schedule_type'],
    [{ file_types: [] }, 'file_types'],
    [{ file_types: ['*.pdf', ' '] }, 'file_types.1'],
    [{ file_types: ['a\u0000'] }, 'file_types.0'],
    [{ max_files_per_sync: 0 }, 'max_files_per_sync'],
    [{ tags: [''] }, 'tags.0'],
    [{ name: ' ' }, 'name'],
    [{ description: 'a\u0000b' }, 'description'],
    [{ user_id: 'bob' }, ''],
    [{ last_sync_status: 'completed' }, ''],
    [{ tenant: 'other' }, ''],
    [{ auth_kind: 'basic' }, 'auth_kind'],
  ])('%j is refused by its name', async (body, path) => {
    const before = (await ann.call('listFileConnections')).data.length
    expect(await add(body)).toMatchObject({ status: 400, code: 'REQUEST_INVALID', fields: [{ path }] })
    expect((await ann.call('listFileConnections')).data).toHaveLength(before)
  })

  it.each([
    'updated_since=yesterday',
    'include_deleted=maybe',
    'limit=501',
    'cursor=made-up',
    `connection_id=${'x'.repeat(65)}`,
  ])('files?%s is refused', async (query) => {
    const token = await mint('acme', 'ann')
    const answer = await fetch(`${node.url}/api/files?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { success: false, error: { code: 'REQUEST_INVALID', errors: [{ path: query.split('=')[0] }] } },
    ])
  })

  it('changes nothing of a connection when one member is wrong', async () => {
    const before = (await ann.call('getFileConnection', { params: { id } })).data
    for (const body of [
      { tags: ['x'], interval_minutes: 1 },
      { file_types: ['pdf', ''], name: 'x' },
    ])
      await expect(change(id, body)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    expect((await ann.call('getFileConnection', { params: { id } })).data).toEqual(before)
  })

  it('of an unknown id is CONNECTOR_UNKNOWN', async () => {
    for (const odd of [UNKNOWN_ID, 'no-uuid'])
      await expect(ann.call('getFileConnection', { params: { id: odd } })).rejects.toMatchObject({
        code: 'CONNECTOR_UNKNOWN',
      })
  })

  it('without a token sees no status', async () => {
    expect((await fetch(`${node.url}/status`)).status).toBe(401)
  })
})

describe('a provider whose settings the operator has not set', () => {
  it('takes the way to connect that needs none, and refuses the others by what is missing', async () => {
    const { data } = await ann.call('getCatalog')
    expect(data.find(({ id: type }) => type === 'google-drive')).toMatchObject({
      status: 'available',
      usable_auth: ['service_account'],
      missing_settings: ['GOOGLE_DRIVE_CLIENT_ID', 'GOOGLE_DRIVE_CLIENT_SECRET'],
    })
    const add = (facts: object) =>
      ann.call('addFileConnection', { body: { endpoint_type: 'google_drive', ...facts } })
    await expect(add({})).rejects.toMatchObject({ code: 'PROVIDER_NOT_CONFIGURED' })
    // Its key is read, and is none.
    const endpoint_config = { serviceAccountKey: '{}' }
    await expect(add({ auth_kind: 'service_account', endpoint_config })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      fields: [{ path: 'endpoint_config.serviceAccountKey' }],
    })
  })
})

describe('the commands', () => {
  /** Exit code and what was printed. */
  async function run(...args: readonly string[]): Promise<readonly [number, string]> {
    const lines: string[] = []
    const keep = (...parts: readonly unknown[]) => void lines.push(parts.map(String).join(' '))
    const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')]
    for (const spy of spies) spy.mockImplementation(keep)
    try {
      const remote = {
        url: node.url,
        apiPrefix: '/api',
        token: new Redacted(await mint('acme', 'carl')),
        serviceAccountFile: join(folder, 'key.json'),
      }
      const command = parseCommand(['connections', ...args]) as ConnectionsCommand
      return [await connections(command, remote), lines.join('\n')]
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  }

  it('add connections of a file, each with its own end', async () => {
    const file = join(folder, 'connections.yaml')
    const yaml = `
connections:
  - name: Plans
    endpoint_type: sandbox
    file_types: ['*.pdf', 'image/*']
    interval_minutes: 15
  - name: Too often
    endpoint_type: sandbox
    interval_minutes: 1
`
    await writeFile(file, yaml)
    const [code, text] = await run('add', file)
    expect(code).toBe(1)
    expect(text).toMatch(/sandbox {2}pending {2}Plans/)
    expect(text).toContain('interval_minutes: at least 5 minutes apart')
    const [, listed] = await run('list')
    expect(listed).toMatch(/sandbox {2}enabled {2}pending {2}token: No Token {2}0 files, 0 bytes {2}Plans/)
    expect(JSON.parse((await run('list', '--json'))[1])).toHaveLength(1)
  })

  it.each([
    ['connections: 3', /must hold a list/],
    ['a: [', /is no YAML/],
    ['- name: x', /connection 1 is not valid\n {2}endpoint_type:/],
    ['- {endpoint_type: sandbox, user_id: bob}', /connection 1 is not valid/],
    [
      '- {endpoint_type: google_drive, endpoint_config: {serviceAccountKey: {file: nowhere.json}}}',
      /cannot be read/,
    ],
  ])('refuse a file that holds %s, and send nothing', async (yaml, message) => {
    const file = join(folder, 'odd.yaml')
    await writeFile(file, yaml)
    await expect(run('add', file)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      detail: expect.stringMatching(message) as string,
    })
  })

  it('add one by options, test and sync it', async () => {
    const [code, text] = await run('add', '--type', 'sandbox', '--name', 'By hand', '--files', 'pdf, image/*')
    expect(code).toBe(0)
    const made = text.split(' ', 1)[0] ?? ''
    expect((await run('sync', made))[1]).toContain('TOKEN_REVOKED')
    await connect(await clientOf('acme', 'carl'), made)
    expect(await run('test', made)).toEqual([0, expect.stringContaining('works, as')])
    expect(await run('sync', made)).toEqual([0, expect.stringContaining('job ')])
    // The other one is not connected.
    const [all, told] = await run('test', '--type', 'sandbox')
    expect([all, told.split('\n').length]).toEqual([1, 2])
    expect(await run('test', '--type', 'xero')).toEqual([1, 'there is no such connection'])
  }, 60_000)

  it('send the key file that an earlier connector’s setting names, and print nothing of it', async () => {
    await writeFile(join(folder, 'key.json'), '{"private_key":"canary-of-the-key"}')
    const [code, text] = await run('add', '--type', 'google_drive', '--name', 'Drive')
    expect(code).toBe(1)
    expect(text).toMatch(/REQUEST_INVALID[^]*endpoint_config\.serviceAccountKey/)
    expect(text).not.toContain('canary')
  })
})
