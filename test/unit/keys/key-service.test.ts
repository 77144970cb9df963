/** A change of keys over a real store: everything of the ring is sealed again, and nothing that is not. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { keyFile, type KeyFile } from '../../../src/credentials/key-file.js'
import { generateKey } from '../../../src/credentials/key-ring.js'
import { liveKeyRing, type LiveKeyRing } from '../../../src/credentials/live-key-ring.js'
import { openValue, sealingKeyId, sealValue } from '../../../src/credentials/sealed-value.js'
import type { KeyService } from '../../../src/keys/index.js'
import { createLog } from '../../../src/lib/log.js'
import { openKeys } from '../../../src/node-key-service.js'
import {
  connectorCredentials,
  idempotencyKeys,
  quarantine,
  syncCursors,
  type Connector,
} from '../../../src/store/index.js'
import { createRowBox } from '../../../src/tables/row-box.js'
import { NOW } from '../../support/store-rows.js'
import { onEveryStore } from '../../support/store-suite.js'
import { addConnector } from '../../support/tenant-rows.js'

await onEveryStore('the service of keys', (store) => {
  let folder = ''
  let file: KeyFile
  let ring: LiveKeyRing
  let service: KeyService
  let connector: Connector
  let lines: string[]
  const tenant = `tenant-${randomUUID()}`

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  beforeEach(async () => {
    const path = join(folder, randomUUID())
    await writeFile(path, generateKey(), { mode: 0o600 })
    file = keyFile(path)
    ring = liveKeyRing(file.read(), () => file.readIfChanged())
    lines = []
    const log = createLog({ level: 'debug', json: true, write: (line) => lines.push(line) })
    service = openKeys({
      store: store(),
      keys: { ring, ringFile: file },
      log,
      lookMs: 20,
    })
    connector = await addConnector(store(), tenant)
    return () => service.close()
  })

  const place = (): readonly string[] => [tenant, connector.id, 'tokens']
  const putTokens = (text: string, generation?: number) =>
    store().tenant(tenant, (tx) =>
      connectorCredentials.put(
        tx,
        {
          connectorId: connector.id,
          tenant,
          field: 'tokens',
          sealed: sealValue(ring, text, place()),
          nowMs: NOW,
        },
        generation,
      ),
    )
  const tokens = () => store().tenant(tenant, (tx) => connectorCredentials.get(tx, connector.id, 'tokens'))
  const database = (): string => `tables:${connector.connectionId}`
  const box = (purpose: string) => createRowBox(ring, [tenant, connector.id, purpose])
  const cursor = () => syncCursors.get(store().db, { database: database(), stream: 'posts', partition: '' })

  async function putRows(): Promise<void> {
    await putTokens('secret')
    const sealed = box('cursor').seal({ at: 7 }, ['cursor', 'posts', ''])
    const lane = { database: database(), stream: 'posts', partition: '' }
    await syncCursors.put(store().db, { ...lane, revision: 1, cursorSealed: sealed, scanNumber: 1 }, NOW)
    const item = {
      connectionId: connector.connectionId,
      database: database(),
      stream: 'posts',
      partition: '',
      itemHash: 'hash',
      sealed: box('quarantine').seal({ id: 'x' }, ['quarantine', 'posts', 'hash']),
      reason: 'why',
      expiresAtMs: NOW + 1e12,
    }
    await quarantine.upsert(store().db, item, NOW)
  }

  const stateOf = async (id: string) => (await service.status()).find((state) => state.id === id)

  it('counts per key and table what it seals, and tells no key', async () => {
    await putRows()
    await store().tenant(tenant, async (tx) => {
      const key = randomUUID()
      await idempotencyKeys.claim(tx, { tenant, key, requestHash: 'h', nowMs: Date.now() })
      const body = sealValue(ring, '{}', ['idempotency', tenant, key])
      await idempotencyKeys.complete(tx, { tenant, key, status: 200, body, nowMs: Date.now() })
    })
    expect(await stateOf(ring.current.id)).toEqual({
      id: ring.current.id,
      state: 'current',
      sealed: { connector_credentials: 1, idempotency_keys: 1, quarantine: 1, sync_cursors: 1 },
      total: 4,
    })
    const text = JSON.stringify(await service.status())
    expect(text).not.toContain(Buffer.from(ring.current.material()).toString('base64url'))
  })

  it('names a key that something is sealed under and that it was not given, and where to put it', async () => {
    await putRows()
    const lost = ring.current
    await writeFile(file.path, generateKey())
    service.reread()
    await service.reseal()
    const told = lines.filter((line) => line.includes('"keys.missing"')).at(-1)
    expect(told).toContain('"level":"error"')
    expect(told).toContain(`3 under ${lost.id}`)
    expect(told).toContain('CONNECTOR_ENCRYPTION_KEY')
    expect(lines.join('')).not.toContain(Buffer.from(lost.material()).toString('base64url'))
  })

  it('rotates: a new key seals, and tokens, cursors and quarantined items are sealed again behind it, and still open', async () => {
    await putRows()
    const before = ring.current.id
    const { current } = await service.rotate()
    expect(current).not.toBe(before)
    await service.reseal()
    expect(await stateOf(before)).toEqual({ id: before, state: 'kept', sealed: {}, total: 0 })
    expect(await stateOf(current)).toMatchObject({ state: 'current', total: 3 })
    ring.replace(await file.dropKey(before))
    expect(openValue(ring, (await tokens())!.sealed, place())).toBe('secret')
    expect(box('cursor').open((await cursor())!.cursorSealed!, ['cursor', 'posts', ''])).toEqual({ at: 7 })
    expect(lines.join('')).toContain('keys.changed')
  })

  it('takes a key up that another process put into the file, by looking', async () => {
    await putTokens('secret')
    const { current } = await keyFile(file.path).addKey()
    await expect.poll(() => ring.current.id, { timeout: 10_000 }).toBe(current.id)
    await expect
      .poll(async () => sealingKeyId((await tokens())!.sealed), { timeout: 10_000 })
      .toBe(current.id)
  })

  it('leaves what was written meanwhile alone', async () => {
    await putTokens('old')
    await service.rotate()
    await putTokens('new')
    await service.reseal()
    expect(openValue(ring, (await tokens())!.sealed, place())).toBe('new')
  })

  it('shows a key that is on no ring and still needed as missing, and goes on past what it sealed', async () => {
    await putRows()
    const gone = ring.current.id
    await writeFile(file.path, generateKey())
    service.reread()
    expect(await service.reseal()).toMatchObject({ resealed: 0 })
    expect(await stateOf(gone)).toMatchObject({ state: 'missing', total: 3 })
  })

  it('does not take a ring that does not read: the old one goes on', async () => {
    await putTokens('secret')
    await writeFile(file.path, 'no key')
    expect(() => service.reread()).toThrow('CONNECTOR_ENCRYPTION_KEY')
    expect(openValue(ring, (await tokens())!.sealed, place())).toBe('secret')
  })

  it('whose keys come from the environment cannot rotate them', async () => {
    const log = createLog({ level: 'silent', json: true })
    const fixed = openKeys({ store: store(), keys: { ring, ringFile: undefined }, log })
    await expect(fixed.rotate()).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    await fixed.close()
  })
})
