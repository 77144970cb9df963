/** Google's notification channels from the wish to their end: opened, renewed before they end, stopped; over the node's own routes and Google's answers on this machine. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { providers } from '../../../../providers/index.js'
import { inboundChanges } from '../../../../src/store/index.js'
import { claimWebhookRenewals, renewWebhook } from '../../../../src/webhooks/inbound/renew.js'
import { loadProviderCase } from '../../../support/load-provider-case.js'
import { startOutsideServices, type OutsideServices } from '../../../support/outside-services.js'
import { NOW, testSettings, TOKEN } from '../../../support/provider-settings.js'
import { openConnectorBench, type Called, type ConnectorBench, type Json } from '../../connectors/bench.js'

const HOUR = 3_600_000

interface Channel {
  readonly id: string
  readonly type: string
  readonly address: string
  readonly token: string
  readonly expiration: number
}

/** A node with one of Google's providers, at the hour of its fixtures. */
async function openNode(id: string): Promise<{ bench: ConnectorBench; services: OutsideServices }> {
  const one = await loadProviderCase('providers', id, providers)
  const services = await startOutsideServices([one])
  const { settings } = testSettings(one.provider)
  const further = [{ provider: one.provider, settings, missingSettings: [] }]
  const bench = await openConnectorBench('pglite', { further, network: services.network })
  bench.clock.add(NOW - bench.clock.now())
  return { bench, services }
}

async function closeNode(bench: ConnectorBench, services: OutsideServices): Promise<void> {
  await bench.close()
  await services.close()
}

const data = ({ json }: Called): Json => json['data'] as Json

async function connected(bench: ConnectorBench, id: string): Promise<string> {
  const config = { access_token: TOKEN, refresh_token: 'made-up' }
  const made = await bench.call('POST', `/api/connectors/${id}/connect`, { body: { config } })
  expect(made.status, made.text).toBe(200)
  return String(data(made)['connection']?.['id'])
}

/** The channels that were asked for, and what was stopped. */
const asked = (services: OutsideServices, id: string, end: string) =>
  services
    .seen(id)
    .filter(({ url }) => url.pathname.endsWith(end))
    .map(({ body }) => JSON.parse(body) as unknown)
const opened = (services: OutsideServices, id: string) => asked(services, id, '/watch') as readonly Channel[]

describe.each([
  ['google', 5],
  ['google-drive', 2],
] as const)('%s', (id, lists) => {
  let bench: ConnectorBench
  let services: OutsideServices
  beforeAll(async () => {
    ;({ bench, services } = await openNode(id))
  })
  afterAll(() => closeNode(bench, services))

  it('opens a channel for each list, and stops each of them', async () => {
    const connectionId = await connected(bench, id)
    const at = `/api/connectors/${id}/webhooks`
    const made = await bench.call('POST', at, { body: { connectionId } })
    expect(made.status, made.text).toBe(201)
    const channels = opened(services, id)
    expect(channels).toHaveLength(lists)
    expect(new Set(channels.map((one) => one.id)).size).toBe(lists)
    for (const { type, address, token, expiration } of channels) {
      expect([type, address, token]).toEqual(['web_hook', data(made)['url'], channels[0]?.token])
      expect(Math.abs(expiration - bench.clock.now() - 6 * 24 * HOUR)).toBeLessThan(60_000)
    }
    expect(made.text).not.toContain(channels[0]?.token)
    const ended = await bench.call('DELETE', at, { body: { connectionId } })
    expect(data(ended)).toEqual({ removed: true, reason: null })
    const stopped = asked(services, id, '/channels/stop') as readonly { readonly resourceId: string }[]
    expect(stopped.map(({ resourceId }) => resourceId)).toEqual(
      Array.from({ length: lists }, (_, at) => `made-up-resource-${at + 1}`),
    )
  })
})

describe('the channels of a calendar', () => {
  const id = 'google-calendar'
  let bench: ConnectorBench
  let services: OutsideServices
  let connectionId: string
  let url: string
  beforeAll(async () => {
    ;({ bench, services } = await openNode(id))
    connectionId = await connected(bench, id)
    const made = await bench.call('POST', `/api/connectors/${id}/webhooks`, { body: { connectionId } })
    url = String(data(made)['url'])
  })
  beforeEach(() => bench.store.node((tx) => tx.deleteFrom('inboundChanges').execute()))
  afterAll(() => closeNode(bench, services))

  const tokens = () => [...new Set(opened(services, id).map(({ token }) => token))]
  const streams = async () => (await bench.store.node((tx) => inboundChanges.get(tx, connectionId)))?.streams
  let number = 0
  async function notify(
    token: string,
    state: string,
    list = 'calendars/nadia.ferreira%40mail.example/events',
  ) {
    number += 1
    const headers = {
      'x-goog-channel-id': opened(services, id)[0]!.id,
      'x-goog-channel-token': token,
      'x-goog-message-number': String(number),
      'x-goog-resource-state': state,
      'x-goog-resource-uri': `https://www.googleapis.com/calendar/v3/${list}?alt=json`,
    }
    return (await fetch(url, { method: 'POST', headers })).status
  }

  it('tell that they are open, and of a change; not with another token', async () => {
    const [token = ''] = tokens()
    expect([opened(services, id).length, tokens().length]).toEqual([3, 1])
    expect([await notify(token, 'sync'), await streams()]).toEqual([200, undefined])
    expect([await notify(`${token.slice(0, -1)}x`, 'exists'), await streams()]).toEqual([401, undefined])
    expect([await notify(token, 'exists'), await streams()]).toEqual([200, ['events']])
    expect([await notify(token, 'exists', 'users/me/calendarList'), await streams()]).toEqual([
      200,
      ['calendars', 'events'],
    ])
  })

  it('are opened anew before the first of them ends, under another token; then the old ones are stopped', async () => {
    // The first one ends on 6 January, by Google's answer.
    const renewed = async () => {
      const due = await bench.store.node((tx) => claimWebhookRenewals(tx, bench.clock.now(), 10))
      for (const one of due) await renewWebhook(bench.inbound, one.id)
      return due.length
    }
    bench.clock.add(95 * HOUR)
    expect([await renewed(), tokens().length]).toEqual([0, 1])
    bench.clock.add(2 * HOUR)
    expect([await renewed(), tokens().length, opened(services, id).length]).toEqual([1, 2, 6])
    expect(asked(services, id, '/channels/stop')).toHaveLength(3)
    for (const token of tokens()) expect(await notify(token, 'exists')).toBe(200)
    expect(await streams()).toEqual(['events'])
  })

  it('are refused when their time is over', async () => {
    bench.clock.add(48 * HOUR)
    expect([await notify(tokens()[1] ?? '', 'exists'), await streams()]).toEqual([410, undefined])
    expect((await bench.deliveries())[id]).toMatchObject({ expired: 1, refused: 1 })
  })
})
