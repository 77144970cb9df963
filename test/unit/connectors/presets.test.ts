/** Ready choices: shown in the catalog, taken by their id, and never stronger than what the request says itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CatalogEntry } from '../../../src/provider/index.js'
import { enteredFor, keyCatalog, startKeyService, type KeyService } from '../../support/key-service.js'
import { openConnectorBench, type ConnectorBench } from './bench.js'

const FAR = {
  id: 'far',
  label: 'Far away',
  description: 'Of the other region, every week.',
  syncFrequency: 'weekly',
  fields: { region: 'us' },
}
const withPresets = (entry: CatalogEntry): CatalogEntry =>
  entry.provider.id === 'by-basic' ? { ...entry, provider: { ...entry.provider, presets: [FAR] } } : entry

let service: KeyService
let bench: ConnectorBench
beforeAll(async () => {
  service = await startKeyService()
  bench = await openConnectorBench('pglite', { further: keyCatalog(service).map(withPresets) })
})
afterAll(async () => {
  await bench.close()
  await service.close()
})

const make = (body: object) =>
  bench.call('POST', '/v1/connectors', {
    body: { connector_type: 'by-basic', config: enteredFor(service)['by-basic'], ...body },
  })

describe('a preset', () => {
  it('is in the catalog, the provider’s own before the one of all', async () => {
    const { json } = await bench.call('GET', '/v1/catalog/by-basic')
    expect(json['presets']).toMatchObject([
      { id: 'far', sync_frequency: 'weekly', fields: { region: 'us' } },
      { id: 'everything-daily', sync_frequency: 'daily', fields: {} },
    ])
  })

  it('fills in what the request leaves open', async () => {
    const { status, json } = await make({ preset: 'far' })
    expect(status).toBe(201)
    expect(json).toMatchObject({ sync_frequency: 'weekly', fields: { region: 'us' } })
  })

  it('gives way to what the request says', async () => {
    const config = { ...enteredFor(service)['by-basic'], region: 'eu' }
    const { json } = await make({ preset: 'far', sync_frequency: null, config })
    expect(json).toMatchObject({ sync_frequency: null, fields: { region: 'eu' } })
  })

  it('holds for a connector that waits for its sign-in', async () => {
    const { json } = await bench.call('POST', '/v1/oauth/sandbox/authorize', {
      body: { preset: 'everything-daily' },
    })
    expect(json['connector']).toMatchObject({ status: 'pending', sync_frequency: 'daily', streams: null })
  })

  it.each([
    [
      'that the provider does not have',
      'POST',
      '/v1/connectors',
      { connector_type: 'sandbox', preset: 'far' },
    ],
    ['of a sign-in, likewise', 'POST', '/v1/oauth/sandbox/authorize', { preset: 'far' }],
  ] as const)('%s is refused, and the ones it has are named', async (_what, method, path, body) => {
    const { status, json } = await bench.call(method, path, { body })
    expect(status).toBe(400)
    expect(json['error']?.['fields']).toEqual([
      { path: 'preset', message: 'must be one of everything-daily' },
    ])
  })

  it('is for new connectors only', async () => {
    const { json } = await make({})
    const { status } = await bench.call('PATCH', `/v1/connectors/${String(json['id'])}`, {
      body: { preset: 'far' },
    })
    expect(status).toBe(400)
  })
})
