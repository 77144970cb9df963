import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../../src/lib/canonical-json.js'
import {
  connectors,
  fileConnections,
  files,
  records,
  syncLogs,
  type Connector,
  type NewRecord,
  type Store,
} from '../../../../src/store/index.js'
import { NOW, someHash } from '../../../support/store-rows.js'
import { onEveryStore } from '../../../support/store-suite.js'
import { addConnector, FILE_FACTS, someRecord, someSyncLog } from '../../../support/tenant-rows.js'

const FILE = 'https://common.schemas.verida.io/file/v0.1.0/schema.json'
const FOLDER = 'application/vnd.google-apps.folder'

const fileRecord = (connector: Connector, id: string, data: JsonObject, schemaUri = FILE): NewRecord =>
  someRecord(connector, {
    schemaUri,
    documentId: `document of ${id}`,
    stream: 'files',
    sourceId: id,
    contentHash: someHash(),
    data: {
      name: id,
      extension: '',
      mimeType: 'application/pdf',
      size: 7,
      insertedAt: '2024-05-01T00:00:00Z',
      modifiedAt: '2024-05-02T03:00:00+02:00',
      ...data,
    },
  })

async function addFileConnection(store: Store, tenant = 'acme', facts = {}): Promise<Connector> {
  const connector = await addConnector(store, tenant, facts)
  await store.tenant(tenant, (tx) =>
    fileConnections.create(tx, { connectorId: connector.id, tenant }, FILE_FACTS),
  )
  return connector
}

await onEveryStore('files', (store) => {
  const write = (connector: Connector, ...rows: NewRecord[]) =>
    store().tenant(connector.tenant, (tx) => records.upsertMany(tx, rows, NOW))
  const listed = (connector: Connector, page: Partial<files.FilePage> = {}) =>
    store().tenant(connector.tenant, (tx) =>
      files.list(tx, { connectionId: connector.id, includeDeleted: false, limit: 50, ...page }),
    )
  const paths = async (connector: Connector) =>
    Object.fromEntries((await listed(connector)).map((row) => [row.externalFileId, row.filePath]))

  it('show every field of a record', async () => {
    const connector = await addFileConnection(store())
    const sourceData = { id: 'f1', version: '12', md5Checksum: 'abc', sha256Checksum: 'def', size: '7' }
    await write(
      connector,
      fileRecord(connector, 'f1', {
        name: 'Plan.PDF',
        extension: 'PDF',
        uri: 'https://d.example/f1',
        sourceData,
      }),
    )
    const [row] = await listed(connector)
    expect(row).toEqual({
      id: 'document of f1',
      endpointId: connector.id,
      tenant: 'acme',
      externalFileId: 'f1',
      fileName: 'Plan.PDF',
      filePath: '/Plan.PDF',
      fileLink: 'https://d.example/f1',
      fileSize: 7,
      fileType: 'pdf',
      mimeType: 'application/pdf',
      externalCreatedAt: '2024-05-01T00:00:00.000Z',
      externalUpdatedAt: '2024-05-02T01:00:00.000Z',
      syncStatus: 'completed',
      fileMetadata: sourceData,
      version: '12',
      checksum: 'sha256:def',
      deletedAt: null,
      syncedAt: new Date(NOW).toISOString(),
      sequence: row?.sequence,
    })
  })

  it('stand in their folders, which are not listed, and go with a folder that is moved or renamed', async () => {
    const connector = await addFileConnection(store())
    const folder = (id: string, name: string, parent: string) =>
      fileRecord(connector, id, { name, mimeType: FOLDER, sourceData: { parents: [parent] } })
    await write(
      connector,
      folder('a', 'A/1', 'root'),
      folder('b', 'B', 'a'),
      fileRecord(connector, 'f', { name: 'f.txt', sourceData: { parents: ['b'] } }),
      fileRecord(connector, 'g', { name: 'g.txt', sourceData: { parentId: 'a' } }),
    )
    expect(await paths(connector)).toEqual({ f: '/A%2F1/B/f.txt', g: '/A%2F1/g.txt' })
    await write(connector, folder('a', 'Archive', 'root'), folder('b', 'B', 'root'))
    expect(await paths(connector)).toEqual({ f: '/B/f.txt', g: '/Archive/g.txt' })
  })

  it('find their folders within one drive, and end in a circle', async () => {
    const connector = await addFileConnection(store())
    const folder = (id: string, name: string, parent: string) =>
      fileRecord(connector, id, { name, mimeType: FOLDER, sourceData: { parents: [parent] } })
    await write(
      connector,
      folder('a', 'mine', 'root'),
      folder('drive/a', 'shared', 'drive'),
      fileRecord(connector, 'drive/f', { sourceData: { parents: ['a'] } }),
      folder('x', 'X', 'y'),
      folder('y', 'Y', 'x'),
      fileRecord(connector, 'turning', { sourceData: { parents: ['x'] } }),
    )
    const found = await paths(connector)
    expect(found['drive/f']).toBe('/shared/drive%2Ff')
    expect(found['turning']).toMatch(/^(\/[XY]){64}\/turning$/)
  })

  it('tell types of native documents and shortcuts, and no size where the service tells none', async () => {
    const connector = await addFileConnection(store())
    await write(
      connector,
      fileRecord(connector, 'native', { mimeType: 'application/vnd.google-apps.document', size: 0 }),
      fileRecord(connector, 'shortcut', { mimeType: 'application/vnd.google-apps.shortcut', size: 0 }),
      fileRecord(connector, 'empty', { size: 0, sourceData: { size: '0' } }),
      fileRecord(connector, 'bytes', { name: 'x.DWG', mimeType: 'application/octet-stream' }),
      fileRecord(connector, 'huge', { size: 1e30, insertedAt: '0000-01-01T00:00:00Z' }),
    )
    const shown = Object.fromEntries(
      (await listed(connector)).map((row) => [row.externalFileId, [row.fileType, row.fileSize]]),
    )
    expect(shown).toEqual({
      native: ['document', null],
      shortcut: ['shortcut', null],
      empty: ['pdf', 0],
      bytes: ['dwg', 7],
      huge: ['pdf', null],
    })
  })

  it('leave a mark when they are deleted, and come back whole when they are restored', async () => {
    const connector = await addFileConnection(store())
    const of = { connectorId: connector.id, schemaUri: FILE }
    await write(connector, fileRecord(connector, 'f', {}))
    await store().tenant('acme', (tx) => records.tombstone(tx, of, ['document of f'], NOW + 1))
    expect(await listed(connector)).toEqual([])
    const [gone] = await listed(connector, { includeDeleted: true })
    expect(gone).toMatchObject({
      externalFileId: 'f',
      syncStatus: 'deleted',
      fileName: null,
      filePath: null,
      fileMetadata: {},
      deletedAt: new Date(NOW + 1).toISOString(),
    })
    await write(connector, fileRecord(connector, 'f', {}))
    expect(await paths(connector)).toEqual({ f: '/f' })
  })

  it('are found by type, name, time and place in the list', async () => {
    const connector = await addFileConnection(store())
    await write(
      connector,
      fileRecord(connector, 'one', { name: 'Budget_100%.xlsx', extension: 'xlsx' }),
      fileRecord(connector, 'two', { modifiedAt: '2024-06-01T00:00:00Z' }),
      fileRecord(connector, 'post', {}, 'https://schemas.test/post.json'),
    )
    const found = async (page: Partial<files.FilePage>) =>
      (await listed(connector, page)).map((row) => row.externalFileId)
    expect(await found({})).toEqual(['one', 'two'])
    expect(await found({ fileType: 'XLSX' })).toEqual(['one'])
    expect(await found({ mimeType: 'application/pdf', name: '_100%' })).toEqual(['one'])
    expect(await found({ updatedSinceMs: Date.parse('2024-05-15') })).toEqual(['two'])
    expect(await found({ userId: 'someone else' })).toEqual([])
    expect(await found({ connectionId: 'no uuid' })).toEqual([])
    const [first] = await listed(connector, { limit: 1 })
    expect(await found({ afterSequence: first?.sequence ?? 0 })).toEqual(['two'])
  })

  it('are counted without those that were deleted', async () => {
    const connector = await addFileConnection(store())
    const [empty, foreign] = [await addFileConnection(store()), await addFileConnection(store(), 'other')]
    await write(connector, fileRecord(connector, 'a', {}), fileRecord(connector, 'b', {}))
    await write(foreign, fileRecord(foreign, 'c', {}))
    const ids = [connector.id, empty.id, foreign.id]
    const totals = await store().tenant('acme', (tx) => files.totals(tx, ids))
    expect([...totals.values()]).toEqual([
      { endpointId: connector.id, totalFiles: 2, totalSize: 14, latestUpdate: '2024-05-02T01:00:00.000Z' },
    ])
  })

  describe('connections', () => {
    const seen = (connector: Connector) =>
      store().tenant(connector.tenant, (tx) => fileConnections.get(tx, connector.id))

    it.each([
      ['every 5 minutes', 'interval', 5, null],
      ['hourly', 'interval', 60, null],
      ['*/5 * * * *', 'cron', null, '*/5 * * * *'],
      [null, 'manual', null, null],
    ])('read %s as %s', async (syncFrequency, scheduleType, intervalMinutes, scheduleCron) => {
      const connector = await addFileConnection(store(), 'acme', { syncFrequency, type: 'google-drive' })
      expect(await seen(connector)).toMatchObject({
        scheduleType,
        intervalMinutes,
        scheduleCron,
        endpointType: 'google_drive',
        lastSyncStatus: 'pending',
        enabled: true,
        tags: [],
        fileTypes: ['*'],
      })
    })

    it('count a selection only when it differs', async () => {
      const connector = await addFileConnection(store())
      const change = (changes: fileConnections.FileConnectionChanges) =>
        store().tenant('acme', (tx) => fileConnections.update(tx, connector.id, changes))
      const selection = () => store().node((tx) => fileConnections.startRun(tx, connector.id))
      await change({ fileTypes: ['*'], tags: ['x'] })
      expect(await selection()).toEqual({ fileTypes: ['*'], maxFilesPerSync: 1_000, selection: 1 })
      await change({ fileTypes: ['*.pdf'] })
      await change({})
      expect(await selection()).toMatchObject({ selection: 2 })
      expect(await seen(connector)).toMatchObject({ lastSyncStatus: 'running', tags: ['x'] })
    })

    it('are not there for connectors that list no files', async () => {
      const plain = await addConnector(store(), 'acme')
      expect(await seen(plain)).toBeUndefined()
      expect(await store().node((tx) => fileConnections.startRun(tx, plain.id))).toBeUndefined()
      expect(await store().node((tx) => fileConnections.endRun(tx, plain.id, 'failed'))).toBe(false)
    })

    it('are listed by tag and person, page by page, and go with their connector', async () => {
      const tenant = 'listed'
      const [a, b] = [
        await addFileConnection(store(), tenant, { nowMs: NOW }),
        await addFileConnection(store(), tenant, { nowMs: NOW + 1, subject: 'ann' }),
      ]
      const found = (page: Partial<fileConnections.FileConnectionPage> = {}) =>
        store().tenant(tenant, async (tx) =>
          (await fileConnections.list(tx, { tenant, limit: 10, ...page })).map(({ id }) => id),
        )
      await store().tenant(tenant, (tx) => fileConnections.update(tx, a.id, { tags: ['x', 'y'] }))
      expect(await found()).toEqual([a.id, b.id])
      expect(await found({ tag: 'y' })).toEqual([a.id])
      expect(await found({ userId: 'ann' })).toEqual([b.id])
      expect(await found({ after: { createdAtMs: NOW, id: a.id } })).toEqual([b.id])
      expect(await found({ enabled: false })).toEqual([])
      await store().tenant(tenant, (tx) => connectors.remove(tx, a.id))
      expect(await found()).toEqual([b.id])
    })
  })

  it('have a log of runs, the newest first, for a month', async () => {
    const connector = await addFileConnection(store())
    const at = (ms: number) => ({ startedAtMs: ms, finishedAtMs: ms, id: randomUUID() })
    const days = (count: number) => count * 86_400_000
    await store().tenant('acme', async (tx) => {
      for (const ms of [NOW, NOW + days(10), NOW + days(31)])
        await syncLogs.add(tx, someSyncLog(connector, at(ms)))
    })
    const page = (before?: { readonly startedAtMs: number; readonly id: string }) =>
      store().tenant('acme', (tx) => syncLogs.list(tx, { connectorId: connector.id, before, limit: 1 }))
    const [newest] = await page()
    expect(newest?.startedAtMs).toBe(NOW + days(31))
    const [older] = await page(newest)
    expect(older?.startedAtMs).toBe(NOW + days(10))
    expect(await page(older)).toEqual([])
  })
})
