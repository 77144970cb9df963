/** What the node does for connectors unasked: daily tests, renewals at half of a life, and revocations that had to wait. On every engine. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  claimProbes,
  claimRenewals,
  claimRevocations,
  probe,
  renewGrant,
  resealRevocations,
  revokeNow,
} from '../../../src/connectors/index.js'
import { generateKey, parseKeyRing } from '../../../src/credentials/key-ring.js'
import { Redacted } from '../../../src/lib/redacted.js'
import type { Auth } from '../../../src/provider/index.js'
import { auditLog, connectorCredentials, connectors, records } from '../../../src/store/index.js'
import { onEveryEngine } from '../../support/store-suite.js'
import { MOST_CONNECTORS, openConnectorBench, type ConnectorBench } from './bench.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

await onEveryEngine('care', (kind) => {
  let bench: ConnectorBench
  beforeAll(async () => {
    bench = await openConnectorBench(kind)
  }, 60_000)
  afterAll(() => bench.close())

  async function make(tenant: string): Promise<string> {
    const config = await bench.tokens()
    const made = await bench.call('POST', '/v1/connectors', {
      tenant,
      body: { connector_type: 'sandbox', config },
    })
    expect(made.status).toBe(201)
    return String(made.json['id'])
  }
  const claim = async (random = 0.5): Promise<readonly string[]> =>
    (await bench.store.node((tx) => claimProbes(tx, bench.clock.now(), 100, () => random))).map(
      ({ id }) => id,
    )
  const healthOf = async (tenant: string, id: string) =>
    (await bench.call('GET', `/v1/connectors/${id}/health`, { tenant })).json
  const trail = async (tenant: string, id: string, action: string) =>
    (await bench.store.tenant(tenant, (tx) => auditLog.list(tx, { subject: `connector:${id}` }))).filter(
      (row) => row.action === action,
    )

  it('tests a connector that was not synced for a day, once a day, and tells how it ended', async () => {
    const tenant = 'probed'
    const id = await make(tenant)
    expect(await claim()).not.toContain(id)
    bench.clock.add(DAY)
    expect(await claim(1)).not.toContain(id)
    // Synced meanwhile: a day from then.
    bench.clock.add(HOUR)
    await bench.store.tenant(tenant, (tx) =>
      connectors.markRun(tx, id, { ok: true, nowMs: bench.clock.now() }),
    )
    expect(await claim()).not.toContain(id)
    bench.clock.add(DAY + HOUR)
    expect(await claim()).toContain(id)
    expect(await claim()).not.toContain(id)
    await bench.sandbox.admin.expireAccessTokens()
    await probe(bench.ports, id)
    expect(await healthOf(tenant, id)).toMatchObject({ status: 'active', last_probe: { error: null } })
    const { json: usage } = await bench.call('GET', `/v1/connectors/${id}/usage`, { tenant })
    expect(usage['total']).toMatchObject({ calls: 1, errors: 0, records: 0 })

    bench.clock.add(DAY + HOUR)
    expect(await claim()).toContain(id)
    await bench.sandbox.admin.revokeGrants()
    await probe(bench.ports, id)
    expect(await healthOf(tenant, id)).toMatchObject({
      status: 'reconnect_needed',
      last_probe: { error: { code: 'TOKEN_REVOKED' } },
    })
    bench.clock.add(2 * DAY)
    expect(await claim()).not.toContain(id)
    await probe(bench.ports, '00000000-0000-4000-8000-000000000000')
  })

  it('spreads connectors that it meets for the first time over a day', async () => {
    const id = await make('spread')
    bench.clock.add(3 * DAY)
    expect(await claim(0.5)).not.toContain(id)
    const row = await bench.store.node((tx) => connectors.get(tx, id))
    expect(row!.nextProbeAtMs! - bench.clock.now()).toBeGreaterThan(DAY / 2 - HOUR)
    bench.clock.add(DAY)
    expect(await claim()).toContain(id)
  })

  it('renews a grant that nobody used at half of its life, and no other', async () => {
    const tenant = 'kept'
    const [way] = bench.ports.catalog[0]!.provider.auth
    const lives: readonly [Auth] = [{ ...way, refreshLifeMs: 60 * DAY } as Auth]
    const [first, ...rest] = bench.ports.catalog
    const ports = {
      ...bench.ports,
      catalog: [{ ...first!, provider: { ...first!.provider, auth: lives } }, ...rest],
    } as typeof bench.ports
    const id = await make(tenant)
    const due = async () =>
      (await bench.store.node((tx) => claimRenewals(tx, ports, bench.clock.now(), 100))).map((one) => one.id)
    const generation = () =>
      bench.store.tenant(tenant, async (tx) => (await connectorCredentials.get(tx, id, 'tokens'))?.generation)
    bench.clock.add(29 * DAY)
    expect(await due()).not.toContain(id)
    await renewGrant(ports, id)
    expect(await generation()).toBe(1)
    bench.clock.add(DAY + HOUR)
    expect(await due()).toContain(id)
    // Not again at once, whatever becomes of it.
    expect(await due()).not.toContain(id)
    await renewGrant(ports, id)
    expect(await generation()).toBe(2)
    bench.clock.add(2 * HOUR)
    expect(await due()).not.toContain(id)
    expect(await trail(tenant, id, 'credentials.refreshed')).toMatchObject([{ actor: 'node' }])
    // A type whose refresh tokens do not end is left alone.
    expect(
      await bench.store.node((tx) => claimRenewals(tx, bench.ports, bench.clock.now() + 400 * DAY, 100)),
    ).toEqual([])
  })

  async function removeWhileDown(tenant: string) {
    const config = await bench.tokens()
    const made = await bench.call('POST', '/v1/connectors', {
      tenant,
      body: { connector_type: 'sandbox', config },
    })
    const id = String(made.json['id'])
    bench.sandbox.admin.setFault({ route: 'revoke', fault: { kind: 'status', status: 503 }, times: Infinity })
    const { json: removed } = await bench.call('DELETE', `/v1/connectors/${id}`, { tenant })
    return { id, removed, config }
  }
  const dueRevocations = () => bench.store.node((tx) => claimRevocations(tx, bench.clock.now(), 100))
  const kept = () => bench.store.node((tx) => tx.selectFrom('revocations').selectAll().execute())
  const signal = new AbortController().signal

  it('erases at once when the provider is down, and revokes as soon as it is up again', async () => {
    const tenant = 'later'
    const { id, removed, config } = await removeWhileDown(tenant)
    expect(removed).toMatchObject({ deleted: true, revoked: false, revoke_error: 'PROVIDER_DOWN' })
    expect(Date.parse(String(removed['revoke_retried_until'])) - bench.clock.now()).toBeGreaterThan(
      DAY - 60_000,
    )
    expect((await bench.call('GET', `/v1/connectors/${id}`, { tenant })).status).toBe(404)
    expect(await bench.store.node((tx) => records.count(tx, id))).toBe(0)
    expect(JSON.stringify(await kept())).not.toContain(config.refresh_token)
    expect(await dueRevocations()).toEqual([])
    bench.clock.add(61_000)
    const [due] = await dueRevocations()
    expect(due).toMatchObject({ tenant, connectorId: id })
    expect(await dueRevocations()).toEqual([])
    await revokeNow(bench.ports, due!.id, signal)
    expect(await kept()).toMatchObject([{ tries: 1, lastErrorCode: 'PROVIDER_DOWN', queuedAtMs: null }])
    bench.sandbox.admin.clearFaults()
    bench.clock.add(5 * 60_000)
    await revokeNow(bench.ports, (await dueRevocations())[0]!.id, signal)
    expect(await kept()).toEqual([])
    expect(await trail(tenant, id, 'credentials.revoked')).toMatchObject([
      { actor: 'node', facts: { revoked: true } },
    ])
    await revokeNow(bench.ports, due!.id, signal)
  })

  it('seals a grant that waits for its end under a new key, after which the old one is not needed', async () => {
    const tenant = 'rotated'
    const { id } = await removeWhileDown(tenant)
    const next = generateKey()
    const both = parseKeyRing(new Redacted(`${next},${bench.key}`))
    const ring = parseKeyRing(new Redacted(next))
    const { store } = bench
    expect(await resealRevocations({ store, ring })).toEqual({ resealed: 0, current: 0, unreadable: 1 })
    expect(await resealRevocations({ store, ring: both })).toEqual({ resealed: 1, current: 0, unreadable: 0 })
    expect(await resealRevocations({ store, ring: both })).toEqual({ resealed: 0, current: 1, unreadable: 0 })
    bench.sandbox.admin.clearFaults()
    bench.clock.add(61_000)
    await revokeNow({ ...bench.ports, ring }, (await dueRevocations())[0]!.id, signal)
    expect(await kept()).toEqual([])
    expect(await trail(tenant, id, 'credentials.revoked')).toMatchObject([{ facts: { revoked: true } }])
  })

  it('gives a revocation up after a day, erases the token with it, and says so', async () => {
    const tenant = 'never'
    const { id } = await removeWhileDown(tenant)
    bench.clock.add(DAY - 1)
    const [due] = await dueRevocations()
    await revokeNow(bench.ports, due!.id, signal)
    bench.sandbox.admin.clearFaults()
    expect(await kept()).toEqual([])
    expect(await trail(tenant, id, 'credentials.revoked')).toMatchObject([
      { facts: { revoked: false, reason: 'PROVIDER_DOWN' } },
    ])
  })

  it('counts tests and previews as use', async () => {
    const tenant = 'used'
    const id = await make(tenant)
    expect((await bench.call('POST', `/v1/connectors/${id}/test`, { tenant })).json).toMatchObject({
      success: true,
    })
    expect((await bench.call('GET', `/v1/connectors/${id}/preview`, { tenant })).status).toBe(200)
    expect((await bench.call('GET', `/v1/connectors/${id}/preview?stream=none`, { tenant })).status).toBe(400)
    const { json } = await bench.call('GET', `/v1/connectors/${id}/usage`, { tenant })
    expect(json['total']).toEqual({ calls: 2, records: 0, bytes: 0, errors: 0 })
  })

  it('lets a tenant have so many connectors and no more', async () => {
    const body = { connector_type: 'sandbox' }
    const asked = Array.from({ length: MOST_CONNECTORS + 3 }, () =>
      bench.call('POST', '/v1/connectors', { tenant: 'full', body }),
    )
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(MOST_CONNECTORS)
    expect(statuses.filter((status) => status === 409)).toHaveLength(3)
    const refused = await bench.call('POST', '/v1/connectors', { tenant: 'full', body })
    expect(refused.json).toMatchObject({ error: { code: 'LIMIT_REACHED' } })
    expect((await bench.call('POST', '/v1/connectors', { tenant: 'other', body })).status).toBe(201)
  })

  it('passes a confirmation of deletions on to the sync, and takes nothing else there', async () => {
    const tenant = 'confirms'
    const id = await make(tenant)
    const sync = (body?: unknown) =>
      bench.call('POST', `/v1/connectors/${id}/sync`, { tenant, ...(body !== undefined && { body }) })
    expect((await sync()).status).toBe(202)
    expect((await sync({ confirm_deletes: true })).status).toBe(202)
    expect(bench.jobs.slice(-2)).toEqual([`sync ${id}`, `sync ${id} confirmed`])
    for (const body of [{ confirm_deletes: 'yes' }, { trigger: 'schedule' }])
      expect((await sync(body)).json).toMatchObject({ error: { code: 'REQUEST_INVALID' } })
  })
})
