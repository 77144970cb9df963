/** Every provider with webhooks, over real HTTP: its own signature over the very bytes is taken, once; what only looks like it is refused, counted, and changes nothing. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../../../providers/index.js'
import { Redacted, type Delivery } from '../../../../src/provider/index.js'
import { inboundWebhooks } from '../../../../src/store/index.js'
import { addressOf } from '../../../../src/webhooks/inbound/view.js'
import { newPath, pathHash, sealRegistration } from '../../../../src/webhooks/inbound/registration-box.js'
import { loadProviderCase } from '../../../support/load-provider-case.js'
import type { ProviderCase } from '../../../support/provider-case.js'
import { NOW, SECRET } from '../../../support/provider-settings.js'
import { deliveryOf, secretsFor, type Signing } from '../../../support/sign-delivery.js'
import { makeConnector } from '../../../support/tenant-rows.js'
import type { DeliveryFixture } from '../../../support/webhook-fixtures.js'
import { openConnectorBench, type ConnectorBench } from '../../connectors/bench.js'

/** The practice service is in the tests of whole nodes. */
const NAMES = providers.filter(({ id, webhooks }) => webhooks && id !== 'sandbox').map(({ id }) => id)

const cases = await Promise.all(NAMES.map((id) => loadProviderCase('providers', id, providers)))
const caseOf = (id: string): ProviderCase => cases.find(({ name }) => name === id)!
const TIMED = NAMES.filter((id) => caseOf(id).webhooks?.sign.timestamp !== undefined)

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench('pglite', {
    further: cases.map((one) => {
      const { settings } = secretsFor(one, {}, SECRET)
      return { provider: one.provider, settings, missingSettings: [] }
    }),
  })
  bench.clock.add(NOW - bench.clock.now())
})
afterAll(() => bench.close())

interface Place {
  readonly one: ProviderCase
  readonly url: string
  /** Of a connector's own endpoint. */
  readonly connectorId?: string
}

/** Where the service delivers: the application's endpoint, or that of a connector that was registered under the test's secret. */
async function placeOf(id: string): Promise<Place> {
  const one = caseOf(id)
  if (one.provider.webhooks?.scope === 'app') return { one, url: `${bench.origin}/webhooks/in/${id}` }
  const path = newPath()
  const place = { id: randomUUID(), tenant: 'acme' }
  const kept = { path, secrets: [new Redacted(SECRET)], made: { id: 'made-up' } }
  const connectorId = await bench.store.tenant('acme', async (tx) => {
    const connector = await makeConnector(tx, 'acme', { type: id })
    await inboundWebhooks.create(tx, {
      ...place,
      connectorId: connector.id,
      provider: id,
      pathHash: pathHash(path),
      registrationSealed: sealRegistration(bench.ports.ring, place, kept),
      streams: one.provider.webhooks?.streams ?? [],
      status: 'active',
      expiresAtMs: null,
      renewAtMs: null,
      lastErrorCode: null,
      createdAtMs: NOW,
      updatedAtMs: NOW,
    })
    return connector.id
  })
  return { one, url: addressOf(bench.origin, id, path), connectorId }
}

const fixtureOf = ({ webhooks }: ProviderCase, kind: DeliveryFixture['expected']['kind']) =>
  webhooks?.deliveries.find(({ expected, recorded }) => expected.kind === kind && recorded === undefined)

/** Signed for this address, under the test's secret and at this moment unless told otherwise. */
function signed({ one, url }: Place, fixture: DeliveryFixture, other: Partial<Signing> = {}): Delivery {
  return deliveryOf(one, { ...fixture, url }, { key: SECRET, atMs: bench.clock.now(), ...other })
}

async function send({ method, url, headers, body }: Delivery) {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'POST' && { body: new Uint8Array(body) }),
  })
  return { status: answer.status, text: await answer.text() }
}

const counted = async (id: string) => (await bench.deliveries())[id] ?? {}
const changes = () => bench.store.node((tx) => tx.selectFrom('inboundChanges').selectAll().execute())

/** Where one byte of a delivery that is signed over its body makes it another one; a token signs no body. */
function changed(one: ProviderCase, delivery: Delivery): Delivery {
  const { sign } = one.webhooks!
  const headers = Object.keys(sign.headers).map((name) => name.toLowerCase())
  if (sign.algorithm === 'token') {
    const other = Object.fromEntries(headers.map((name) => [name, `${delivery.headers[name] ?? ''}x`]))
    return { ...delivery, headers: { ...delivery.headers, ...other } }
  }
  const body = Buffer.from(delivery.body)
  const at = body.lastIndexOf('"') - 1
  body[at]! ^= 1
  return { ...delivery, body }
}

it('are those that the catalog promises', () => {
  expect(NAMES).toEqual(
    expect.arrayContaining([
      'stripe',
      'shopify',
      'hubspot',
      'square',
      'xero',
      'quickbooks',
      'woocommerce',
      'github',
      'facebook',
      'google',
      'google-calendar',
      'google-drive',
      'autodesk-construction-cloud',
    ]),
  )
})

describe('a delivery that is signed as its service signs', () => {
  it.each(NAMES)('of %s is taken once; forged, changed and replayed ones change nothing', async (id) => {
    const place = await placeOf(id)
    const fixture = fixtureOf(place.one, 'accepted')!
    const sound = signed(place, fixture)
    const [known, before] = [await counted(id), await changes()]

    const forged = signed(place, fixture, { key: 'another-key-that-nobody-gave-out' })
    for (const one of [forged, changed(place.one, sound)]) expect((await send(one)).status).toBe(401)
    expect(await counted(id)).toEqual({ ...known, refused: (known['refused'] ?? 0) + 2 })
    expect(await changes()).toEqual(before)

    expect(await send(sound)).toEqual({ status: 200, text: '' })
    expect((await counted(id))['accepted']).toBe((known['accepted'] ?? 0) + 1)
    const after = await changes()
    const told = fixture.expected.kind === 'accepted' ? fixture.expected.events.length : 0
    expect(after.some(({ connectorId }) => connectorId === place.connectorId)).toBe(
      place.connectorId !== undefined && told > 0,
    )

    expect(await send(sound)).toEqual({ status: 200, text: '' })
    expect((await counted(id))['duplicate']).toBe((known['duplicate'] ?? 0) + 1)
    expect(await changes()).toEqual(after)
  })

  it.each(TIMED)('of %s is refused when it was not signed just now', async (id) => {
    const place = await placeOf(id)
    const fixture = fixtureOf(place.one, 'accepted')!
    const [{ stale = 0, ...known }, before] = [await counted(id), await changes()]
    for (const minutes of [-6, 6]) {
      const late = signed(place, fixture, { atMs: bench.clock.now() + minutes * 60_000 })
      expect((await send(late)).status).toBe(401)
    }
    expect(await counted(id)).toEqual({ ...known, stale: stale + 2 })
    expect(await changes()).toEqual(before)
  })
})

describe('a handshake', () => {
  it.each(['facebook', 'xero'])('of %s is answered as it asks, and to nobody else', async (id) => {
    const place = await placeOf(id)
    const fixture = fixtureOf(place.one, 'handshake')!
    const { handshake = 0, refused = 0 } = await counted(id)
    const { status, body } = fixture.expected as { readonly status: number; readonly body: string }
    expect(await send(asked(place, fixture))).toEqual({ status, text: body })
    expect((await send(asked(place, fixture, 'another-key-that-nobody-gave-out'))).status).toBe(401)
    expect(await counted(id)).toMatchObject({ handshake: handshake + 1, refused: refused + 1 })
  })

  it('of a shop that tries its new webhook is answered, and changes nothing', async () => {
    const { url } = await placeOf('woocommerce')
    const [{ handshake = 0 }, before] = [await counted('woocommerce'), await changes()]
    const body = Buffer.from('webhook_id=140')
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await send({ method: 'POST', url, headers, body })).toEqual({ status: 200, text: '' })
    expect((await counted('woocommerce'))['handshake']).toBe(handshake + 1)
    expect(await changes()).toEqual(before)
  })
})

/** A handshake by GET carries its question in the address. */
function asked(place: Place, fixture: DeliveryFixture, key = SECRET): Delivery {
  const { search } = new URL((fixture.url ?? place.url).replaceAll(SECRET, key))
  return signed({ ...place, url: place.url + search }, fixture, { key })
}
