/** The backfill window: asked for in days, kept as one moment, handed to every run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withBackfill } from '../../../src/connectors/backfill.js'
import { openForSync } from '../../../src/connectors/index.js'
import { openConnectorBench, type ConnectorBench } from './bench.js'

const DAY_MS = 86_400_000

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench()
})
afterAll(() => bench.close())

async function make(body: object = {}) {
  const config = await bench.tokens()
  const { status, json } = await bench.call('POST', '/v1/connectors', {
    body: { connector_type: 'sandbox', config, ...body },
  })
  expect(status).toBe(201)
  return { json, id: String(json['id']) }
}
const change = async (id: string, body: object, method = 'PATCH') =>
  (await bench.call(method, `/v1/connectors/${id}`, { body })).json
const sinceOf = async (id: string) => (await openForSync(bench.ports, id)).sinceMs

describe('the backfill window', () => {
  it('is none unless it is asked for', async () => {
    const { json, id } = await make()
    expect(json).toMatchObject({ options: { backfill_days: null }, backfill_since: null })
    expect(await sinceOf(id)).toBeUndefined()
  })

  it('is counted from when it was asked for and stays there, whatever else changes', async () => {
    const { json, id } = await make({ options: { backfill_days: 30 } })
    const since = String(json['backfill_since'])
    expect(json['options']).toMatchObject({ backfill_days: 30 })
    expect(Math.abs(bench.clock.now() - 30 * DAY_MS - Date.parse(since))).toBeLessThan(60_000)
    bench.clock.add(2 * DAY_MS)
    // New credentials, another name and the same days again.
    const config = await bench.tokens()
    const later = [{ config }, { display_name: 'Other' }, { options: { backfill_days: 30 } }, { options: {} }]
    for (const body of later)
      expect(await change(id, body)).toMatchObject({ options: { backfill_days: 30 }, backfill_since: since })
    expect(await sinceOf(id)).toBe(Date.parse(since))
  })

  it('moves when it is changed, and ends when it is null', async () => {
    const { json, id } = await make({ options: { backfill_days: 30 } })
    const wider = await change(id, { options: { backfill_days: 365 } }, 'PUT')
    expect(Date.parse(String(wider['backfill_since']))).toBeLessThan(
      Date.parse(String(json['backfill_since'])) - 300 * DAY_MS,
    )
    expect(wider['fields']).toEqual(json['fields'])
    const none = await change(id, { options: { backfill_days: null } })
    expect(none).toMatchObject({ options: { backfill_days: null }, backfill_since: null })
    expect(await sinceOf(id)).toBeUndefined()
  })

  it('is taken by authorize of a new connector, and by none that is there', async () => {
    const authorize = (body: object) => bench.call('POST', '/v1/oauth/sandbox/authorize', { body })
    const { status, json } = await authorize({ options: { backfill_days: 7 } })
    expect(status).toBe(200)
    expect(json['connector']).toMatchObject({ status: 'pending', options: { backfill_days: 7 } })
    const { id } = await make()
    const again = await authorize({ connector_id: id, options: { backfill_days: 7 } })
    expect([again.status, again.json['error']?.['code']]).toEqual([400, 'REQUEST_INVALID'])
    expect(await sinceOf(id)).toBeUndefined()
  })
})

it('what else a row says of its connection is left alone', () => {
  const config = { fields: { shop: 'a' } }
  expect(withBackfill({ config }, undefined, 0)).toEqual(config)
  expect(withBackfill({ config: { ...config, backfill: { days: 1, sinceMs: 5 } } }, 1, 99)).toEqual({
    ...config,
    backfill: { days: 1, sinceMs: 5 },
  })
  expect(withBackfill({ config: { ...config, backfill: { days: 1, sinceMs: 5 } } }, null, 99)).toEqual(config)
})
