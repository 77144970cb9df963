/** Google Drive and Autodesk Construction Cloud through the files API of a whole node, over HTTP, without an account. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.js'
import { readJwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES } from '../../src/api/authentication/principal.js'
import { createClient, type Client, type Output } from '../../src/client/client.js'
import { readConfig } from '../../src/config.js'
import { systemClock } from '../../src/lib/clock.js'
import { silentLog } from '../../src/lib/log.js'
import { startNode, type RunningNode } from '../../src/main.js'
import { fakeDrive } from '../support/fake-drive.js'
import { loadProviderCase } from '../support/load-provider-case.js'
import { fixturesOf } from '../support/provider-case.js'
import { findExchange } from '../support/provider-replay.js'
import { ACCOUNT } from '../support/provider-run.js'
import { startStandIn, type StandIn } from '../support/stand-in.js'

type Log = Output<'listFileSyncs'>['data'][number]
type File = Output<'listFiles'>['data'][number]

const FOLDER = 'application/vnd.google-apps.folder'
const TEAM = 'team-drive'
const HUB = 'b.5f0c6a1e-2b7d-4c7b-9d55-1f2e3a4b5c6d'
const drive = fakeDrive([TEAM])

let folder: string
let node: RunningNode
let services: StandIn
let ann: Client

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-services-'))
  const root = fileURLToPath(new URL('../../providers/', import.meta.url))
  const autodesk = await loadProviderCase(root, 'autodesk-construction-cloud', providers)
  services = await startStandIn(autodesk)
  const token = autodesk.calls['token-client_credentials']?.[0]?.body
  services.setFault((seen, recorded) => {
    const answer = (body: unknown) => ({ kind: 'answer', status: 200, text: JSON.stringify(body) }) as const
    if (seen.url.pathname === '/authentication/v2/token') return answer(token)
    if (recorded !== undefined) return undefined
    // Recorded calls of streams name the suite's account in the place of the hub.
    const asRecorded = findExchange(
      fixturesOf(autodesk),
      `${seen.method} ${seen.url.href.replace(`/hubs/${HUB}/`, `/hubs/${ACCOUNT.id}/`)}`,
      undefined,
    )
    return asRecorded === undefined ? drive.answer(seen) : answer(asRecorded.body)
  })
  const config = readConfig({
    DATA_DIR: folder,
    PORT: '0',
    DEVNET_PORT: '0',
    SANDBOX_PORT: '0',
    // As an earlier file connector named them. Google has no client here.
    CONNECTOR_AUTODESK_CLIENT_ID: 'client',
    CONNECTOR_AUTODESK_CLIENT_SECRET: 'secret',
  })
  node = await startNode({ config, log: silentLog, network: services.network })
  const trust = await readJwtTrust(config)
  if (trust?.kind !== 'secret') throw new Error('no secret')
  const jwt = await mintJwt(
    trust,
    { tenant: 'acme', subject: 'ann', scopes: SCOPES, lifetimeMs: 600_000 },
    systemClock,
  )
  ann = createClient({ url: node.url, token: () => jwt })
}, 90_000)
afterAll(async () => {
  await node.close()
  await services.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

async function runs(id: string, count: number): Promise<readonly Log[]> {
  const read = async () => (await ann.call('listFileSyncs', { params: { id } })).data
  await expect.poll(async () => (await read()).length, { timeout: 40_000, interval: 100 }).toBe(count)
  return read()
}
async function sync(id: string): Promise<Log | undefined> {
  const before = (await ann.call('listFileSyncs', { params: { id } })).data.length
  await ann.call('syncFileConnection', { params: { id } })
  return (await runs(id, before + 1))[0]
}
async function listed(id: string): Promise<Readonly<Record<string, File>>> {
  const { data } = await ann.call('listFiles', {
    query: { connection_id: id, limit: '500', include_deleted: 'true' },
  })
  return Object.fromEntries(data.map((file) => [file.external_file_id, file]))
}

describe('Google Drive, by a service account and no client of the operator', () => {
  let id = ''

  beforeAll(() => {
    const put = (name: string, facts: object) =>
      drive.put({ id: name, name, mimeType: 'application/pdf', parents: ['root'], ...facts })
    put('plans', { mimeType: FOLDER })
    put('site', { mimeType: FOLDER, parents: ['plans'] })
    put('bridge.pdf', { parents: ['site'], size: '10', md5Checksum: 'aa' })
    put('notes', { mimeType: 'application/vnd.google-apps.document', parents: ['plans'] })
    put('link', { mimeType: 'application/vnd.google-apps.shortcut', shortcutDetails: { targetId: 'notes' } })
    put('photo.png', { mimeType: 'image/png', size: '7' })
    put('minutes.pdf', { driveId: TEAM, parents: [TEAM], size: '20', sha256Checksum: 'bb' })
  })

  it('goes on where the cap ended a run, until everything is listed', async () => {
    const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const serviceAccountKey = JSON.stringify({
      type: 'service_account',
      private_key_id: 'key-1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: 'robot@project.iam.gserviceaccount.com',
      token_uri: 'https://oauth2.googleapis.com/token',
    })
    const { data } = await ann.call('addFileConnection', {
      body: {
        endpoint_type: 'google_drive',
        auth_kind: 'service_account',
        endpoint_config: { serviceAccountKey },
        file_types: ['pdf', 'application/vnd.google-apps.*'],
        max_files_per_sync: 3,
        interval_minutes: 1_000,
      },
    })
    id = data.id
    const [first] = await runs(id, 1)
    expect(first).toMatchObject({ status: 'partial', items_read: 3, error_code: null })
    let last: Log | undefined
    for (let more = 0; more < 5 && last?.status !== 'completed'; more += 1) last = await sync(id)
    expect(last?.status).toBe('completed')
    expect(Object.keys(await listed(id)).sort()).toEqual(
      ['bridge.pdf', 'link', 'notes', `${TEAM}/minutes.pdf`].sort(),
    )
  }, 90_000)

  it('gives paths of nested folders, and no size where there is none', async () => {
    expect(await listed(id)).toMatchObject({
      'bridge.pdf': {
        file_path: '/plans/site/bridge.pdf',
        file_size: 10,
        checksum: 'md5:aa',
        version: '1',
        file_type: 'pdf',
      },
      notes: { file_path: '/plans/notes', file_size: null, checksum: null, file_type: 'document' },
      link: {
        file_path: '/link',
        file_size: null,
        file_metadata: { shortcutDetails: { targetId: 'notes' } },
      },
      [`${TEAM}/minutes.pdf`]: { file_path: '/minutes.pdf', file_size: 20, checksum: 'sha256:bb' },
    })
  })

  it('reads only the log of changes, and follows what was moved, renamed, edited and put into the bin', async () => {
    await ann.call('updateFileConnection', { params: { id }, body: { max_files_per_sync: 100 } })
    await sync(id)
    drive.asked()
    drive.put({ id: 'site', name: 'Building site', parents: ['root'] })
    drive.put({ id: 'bridge.pdf', size: '11', md5Checksum: 'cc' })
    drive.put({ id: 'notes', name: 'Notes of May' })
    drive.put({ id: 'minutes.pdf', driveId: TEAM, trashed: true })
    expect(await sync(id)).toMatchObject({ status: 'completed', items_read: 3, files_deleted: 1 })
    expect(drive.asked()).not.toContain('files')
    expect(await listed(id)).toMatchObject({
      'bridge.pdf': {
        file_path: '/Building site/bridge.pdf',
        file_size: 11,
        checksum: 'md5:cc',
        version: '2',
      },
      notes: { file_name: 'Notes of May', version: '2' },
      [`${TEAM}/minutes.pdf`]: { sync_status: 'deleted', file_name: null, file_path: null },
    })
    expect((await listed(id))[`${TEAM}/minutes.pdf`]?.deleted_at).not.toBeNull()
  }, 90_000)

  it('takes back what is restored, and lets go what is renamed to a type that is not wanted', async () => {
    drive.put({ id: 'minutes.pdf', driveId: TEAM, trashed: false })
    drive.put({ id: 'bridge.pdf', name: 'bridge.dwg', mimeType: 'image/vnd.dwg' })
    await sync(id)
    expect(await listed(id)).toMatchObject({
      [`${TEAM}/minutes.pdf`]: { sync_status: 'completed', file_name: 'minutes.pdf', deleted_at: null },
      'bridge.pdf': { sync_status: 'deleted' },
    })
    const { data } = await ann.call('getFileStatus')
    expect(data).toMatchObject([{ token_status: 'Valid', total_files: 3, total_size: 20 }])
  }, 60_000)
})

describe('Autodesk Construction Cloud, by the application itself', () => {
  it('lists a project with paths and versions, and what a later run finds changed or deleted', async () => {
    const { data } = await ann.call('addFileConnection', {
      body: {
        endpoint_type: 'autodesk_construction_cloud',
        auth_kind: 'client_credentials',
        endpoint_config: {
          hubId: HUB,
          projectId: 'b.c2960674-2d1e-4cc8-a5f0-4b9026fd3f5d',
        },
        interval_minutes: 1_000,
      },
    })
    expect((await runs(data.id, 1))[0]).toMatchObject({ status: 'completed', error_code: null })
    const before = await listed(data.id)
    expect(before['urn:adsk.wipprod:dm.lineage:bridge']).toMatchObject({
      file_path: '/Project Files/Bridge.rvt',
      file_name: 'Bridge.rvt',
      version: '2',
      file_type: 'rvt',
    })
    // Folders are in it by the paths only.
    expect(Object.keys(before).filter((name) => name.includes('fs.folder'))).toEqual([])
    expect(await sync(data.id)).toMatchObject({ status: 'completed' })
    const gone = Object.values(await listed(data.id)).filter((file) => file.sync_status === 'deleted')
    expect(gone.length).toBeGreaterThan(0)
  }, 90_000)
})
