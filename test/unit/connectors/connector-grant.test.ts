/** A connector's credentials in use: one refresh however many ask, durable before use, and nothing opens elsewhere. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createConnectors,
  openConnectorGrant,
  openForSync,
  resealCredentials,
} from '../../../src/connectors/index.js'
import type { ConnectorPorts } from '../../../src/connectors/index.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { sealingKeyId } from '../../../src/credentials/sealed-value.js'
import { fileJournal, noJournal } from '../../../src/credentials/token-journal.js'
import { Redacted, reveal } from '../../../src/lib/redacted.js'
import { auditLog, connectorCredentials, connectors, openStore } from '../../../src/store/index.js'
import { makeTestDatabase } from '../../support/database.js'
import { onEveryEngine } from '../../support/store-suite.js'
import { call } from '../devnet/sandbox-service/journey.js'
import { openConnectorBench, type ConnectorBench } from './bench.js'

const caller = { tenant: 'acme', subject: 'ann', actor: 'user:ann' }

await onEveryEngine('a grant', (kind) => {
  let bench: ConnectorBench
  beforeAll(async () => {
    bench = await openConnectorBench(kind)
  })
  afterAll(() => bench.close())

  async function make(ports: ConnectorPorts = bench.ports) {
    const config = await bench.tokens()
    const { id } = await createConnectors(ports).create(caller, { type: 'sandbox', config })
    const connector = await bench.store.node((tx) => connectors.get(tx, id))
    if (connector === undefined) throw new Error('not kept')
    return { id, connector, config }
  }

  const works = async (token: string) => (await call(bench.sandbox, token, '/api/me')).status === 200
  const row = (id: string, field = 'tokens') =>
    bench.store.tenant('acme', (tx) => connectorCredentials.get(tx, id, field))

  it('refreshes once for many uses in many runs, and the new token works', async () => {
    const { connector } = await make()
    await bench.sandbox.admin.expireAccessTokens()
    bench.sandbox.admin.resetCounts()
    const grants = await Promise.all(
      Array.from({ length: 5 }, () => openConnectorGrant(bench.ports, connector)),
    )
    const uses = grants.flatMap((grant) => Array.from({ length: 10 }, () => grant.refresh()))
    const tokens = new Set((await Promise.all(uses)).map(reveal))
    expect(tokens.size).toBe(1)
    expect(bench.sandbox.admin.counts()).toMatchObject({ refreshes: 1, replays: 0 })
    expect(await works([...tokens][0] ?? '')).toBe(true)
    const log = await bench.store.tenant('acme', (tx) =>
      auditLog.list(tx, { subject: `connector:${connector.id}` }),
    )
    expect(log.filter(({ action }) => action === 'credentials.refreshed')).toHaveLength(1)
    expect(log.filter(({ action }) => action === 'credentials.used')).toHaveLength(5)
  })

  it('is refreshed before a token ends, and takes what another run has refreshed', async () => {
    const { connector } = await make()
    const first = await openConnectorGrant(bench.ports, connector)
    const second = await openConnectorGrant(bench.ports, connector)
    const old = reveal(await first.current())
    const fresh = reveal(await first.refresh())
    expect(fresh).not.toBe(old)
    bench.sandbox.admin.resetCounts()
    expect(reveal(await second.current())).toBe(old)
    expect(reveal(await second.refresh())).toBe(fresh)
    expect(second.liveTokens()).toEqual(expect.arrayContaining([old, fresh]) as string[])
    expect(bench.sandbox.admin.counts().refreshes).toBe(0)
    // The answer said when it ends.
    bench.clock.add(3_600_000)
    expect(reveal(await second.current())).not.toBe(fresh)
    expect(bench.sandbox.admin.counts().refreshes).toBe(1)
    bench.clock.add(-3_600_000)
  })

  it('is left as it was by a provider that does not answer', async () => {
    const { connector } = await make()
    const grant = await openConnectorGrant(bench.ports, connector)
    bench.sandbox.admin.setFault({ route: 'token', fault: { kind: 'status', status: 503 }, times: 1 })
    await expect(grant.refresh()).rejects.toMatchObject({ code: 'PROVIDER_DOWN' })
    expect((await bench.store.node((tx) => connectors.get(tx, connector.id)))?.status).toBe('active')
    expect(await works(reveal(await grant.refresh()))).toBe(true)
  })

  it('that was taken back needs a new sign-in, and nothing runs until then', async () => {
    const { connector, id } = await make()
    const grant = await openConnectorGrant(bench.ports, connector)
    await bench.sandbox.admin.revokeGrants()
    await expect(grant.refresh()).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    const now = await bench.store.node((tx) => connectors.get(tx, id))
    expect(now).toMatchObject({ status: 'reconnect_needed', nextRunAtMs: null })
  })

  it('refreshed but not stored is stored at the next use, and the provider is not asked again', async () => {
    let failures = 1
    const ports = {
      ...bench.ports,
      journal: {
        ...noJournal,
        put: () => (failures-- > 0 ? Promise.reject(new Error('disk')) : Promise.resolve()),
      },
    }
    const { connector, id } = await make(ports)
    const grant = await openConnectorGrant(ports, connector)
    bench.sandbox.admin.resetCounts()
    await expect(grant.refresh()).rejects.toThrow('disk')
    expect((await row(id))?.generation).toBe(1)
    expect(await works(reveal(await grant.refresh()))).toBe(true)
    expect((await row(id))?.generation).toBe(2)
    expect(bench.sandbox.admin.counts()).toMatchObject({ refreshes: 1, replays: 0 })
  })

  it('outlives a store that lost its last commits', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connector-node-journal-'))
    try {
      const ports = { ...bench.ports, journal: fileJournal(folder) }
      const { connector, id } = await make(ports)
      const before = await row(id)
      if (before === undefined) throw new Error('not kept')
      const fresh = reveal(await (await openConnectorGrant(ports, connector)).refresh())
      await bench.store.tenant('acme', (tx) =>
        tx
          .updateTable('connectorCredentials')
          .set({ sealed: before.sealed, generation: before.generation })
          .where('connectorId', '=', id)
          .where('field', '=', 'tokens')
          .execute(),
      )
      const again = await openConnectorGrant(ports, connector)
      expect(reveal(await again.current())).toBe(fresh)
      expect((await row(id))?.generation).toBe(2)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('is sealed again under a new key while it is refreshed, and stays the same grant', async () => {
    const { connector, id } = await make()
    const next = generateKey()
    const ports = { ...bench.ports, ring: parseKeyRing(new Redacted(`${next},${bench.key}`)) }
    const grant = await openConnectorGrant(ports, connector)
    bench.sandbox.admin.setFault({ route: 'token', fault: { kind: 'slow', delayMs: 300 }, times: 1 })
    const [token, counts] = await Promise.all([grant.refresh(), resealCredentials(ports)])
    expect(counts.resealed).toBeGreaterThan(0)
    expect(await works(reveal(token))).toBe(true)
    expect(sealingKeyId((await row(id))?.sealed ?? '')).toBe(ports.ring.current.id)
    expect(await resealCredentials(ports)).toMatchObject({ resealed: 0 })
    const again = await openConnectorGrant(ports, connector)
    expect(reveal(await again.current())).toBe(reveal(token))
    expect(await works(reveal(await again.refresh()))).toBe(true)
    // Back under the bench's own key, for the other tests.
    await resealCredentials({ ...ports, ring: parseKeyRing(new Redacted(`${bench.key},${next}`)) })
  })

  it.each([
    ['of another connector', async (id: string) => (await row((await make()).id))?.sealed ?? id],
    ['of another field', async (id: string) => (await row(id, 'account'))?.sealed ?? id],
    ['with one bit flipped', async (id: string) => flipped((await row(id))?.sealed ?? id)],
  ])('does not open with a row %s', async (_what, sealedFor) => {
    const { connector, id } = await make()
    const sealed = await sealedFor(id)
    await bench.store.tenant('acme', (tx) =>
      connectorCredentials.put(tx, {
        connectorId: id,
        tenant: 'acme',
        field: 'tokens',
        sealed,
        nowMs: bench.clock.now(),
      }),
    )
    await expect(openConnectorGrant(bench.ports, connector)).rejects.toMatchObject({ code: 'SEAL_FAILED' })
  })

  it('does not open with a row of another tenant', async () => {
    const { connector, id } = await make()
    const theirs = await createConnectors(bench.ports).create(
      { ...caller, tenant: 'other' },
      { type: 'sandbox', config: await bench.tokens() },
    )
    const stolen = await bench.store.tenant('other', (tx) =>
      connectorCredentials.get(tx, theirs.id, 'tokens'),
    )
    await bench.store.tenant('acme', (tx) =>
      connectorCredentials.put(tx, {
        connectorId: id,
        tenant: 'acme',
        field: 'tokens',
        sealed: stolen?.sealed ?? '',
        nowMs: bench.clock.now(),
      }),
    )
    await expect(openConnectorGrant(bench.ports, connector)).rejects.toMatchObject({ code: 'SEAL_FAILED' })
  })

  it('is opened for a run with all that the run needs, and never for one that waits for a sign-in', async () => {
    const { id } = await make()
    const opened = await openForSync(bench.ports, id)
    expect(opened.connection).toMatchObject({
      owner: `tenant:acme:${id}`,
      provider: 'sandbox',
      custody: 'node',
      destination: 'tables',
    })
    expect(opened.grant.account).toMatchObject({ id: 'maya' })
    const pending = await createConnectors(bench.ports).create(caller, { type: 'sandbox' })
    await expect(openForSync(bench.ports, pending.id)).rejects.toMatchObject({ code: 'TOKEN_REVOKED' })
    await expect(openForSync(bench.ports, 'nothing')).rejects.toMatchObject({ code: 'CONNECTOR_UNKNOWN' })
  })

  const isServer = kind === 'postgres'
  const reason = isServer ? '' : ' (PGlite belongs to one process)'
  it.runIf(isServer)(`refreshes once for two processes on one database${reason}`, async () => {
    const database = await makeTestDatabase('postgres')
    const stores = [await openStore(database.options), await openStore(database.options)]
    try {
      const [one, two] = stores.map((store) => ({ ...bench.ports, store }))
      if (one === undefined || two === undefined) throw new Error('two stores were opened')
      const config = await bench.tokens()
      const { id } = await createConnectors(one).create(caller, { type: 'sandbox', config })
      const grants = await Promise.all([one, two].map(async (ports) => (await openForSync(ports, id)).grant))
      bench.sandbox.admin.resetCounts()
      const uses = grants.flatMap((grant) => Array.from({ length: 25 }, () => grant.refresh()))
      expect(new Set((await Promise.all(uses)).map(reveal)).size).toBe(1)
      expect(bench.sandbox.admin.counts()).toMatchObject({ refreshes: 1, replays: 0 })
    } finally {
      for (const store of stores) await store.close()
      await database.remove()
    }
  })
})

function flipped(sealed: string): string {
  const dot = sealed.lastIndexOf('.') + 1
  const bytes = Buffer.from(sealed.slice(dot), 'base64url')
  bytes[20] = (bytes[20] ?? 0) ^ 1
  return sealed.slice(0, dot) + bytes.toString('base64url')
}
