/** Webhooks that end by themselves: renewed before it, refused after it; and what can be subscribed to at all. Over real routes, store and services on this machine. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provider as sandbox } from '../../../../providers/sandbox/index.js'
import { signedHeaders } from '../../../../src/devnet/sandbox-service/webhooks.js'
import type { Provider, Webhooks } from '../../../../src/provider/index.js'
import { auditLog, inboundChanges } from '../../../../src/store/index.js'
import { claimWebhookRenewals, renewWebhook } from '../../../../src/webhooks/inbound/renew.js'
import {
  openConnectorBench,
  OPERATOR,
  type Called,
  type ConnectorBench,
  type Json,
} from '../../connectors/bench.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const own = sandbox.webhooks as Webhooks

/** The practice service with registrations that end by themselves. */
const ending = (id: string, lifeMs: number): Provider =>
  twin(id, {
    ...own,
    register: async (http, wish, context) => ({
      ...(await own.register!(http, wish, context)),
      expiresAtMs: context.now + lifeMs,
    }),
  })
const twin = (id: string, webhooks: Webhooks | undefined): Provider => {
  const { webhooks: _, ...rest } = sandbox
  return { ...rest, id, ...(webhooks && { webhooks }) }
}
/** Whose service cannot be asked. */
const byHand = { ...own, register: undefined, remove: undefined } as unknown as Webhooks

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench('pglite', {
    twins: [
      ending('weekly', 7 * DAY),
      ending('brief', 4 * HOUR),
      twin('silent', undefined),
      twin('by-hand', { ...byHand, setup: 'Enter the address and the secret at the service.' }),
      twin('of-all', { ...byHand, scope: 'app', setup: 'Enter it in the console once.' }),
      twin('narrow', { ...own, streams: ['files'] }),
    ],
  })
})
afterAll(() => bench.close())

const at = (type: string): string => `/api/connectors/${type}/webhooks`
const data = ({ json }: Called): Json => json['data'] as Json
const ends = ({ status, json }: Called) => [status, json['error']?.['code']]

async function connected(type: string, wishes: object = {}): Promise<string> {
  const body = { config: await bench.tokens(), ...wishes }
  const made = await bench.call('POST', `/api/connectors/${type}/connect`, { body })
  expect(made.status, made.text).toBe(200)
  return String(data(made)['connection']?.['id'])
}
const subscribe = (type: string, connectionId: string): Promise<Called> =>
  bench.call('POST', at(type), { body: { connectionId } })
const shown = (type: string, connectionId: string): Promise<Called> =>
  bench.call('GET', `${at(type)}?connectionId=${connectionId}`)

/** As the lane of the queue does it; gives what was due. */
async function renewDue(): Promise<readonly string[]> {
  const due = await bench.store.node((tx) => claimWebhookRenewals(tx, bench.clock.now(), 10))
  const ended = await Promise.allSettled(due.map(({ id }) => renewWebhook(bench.inbound, id)))
  return ended.map((one) => (one.status === 'fulfilled' ? 'renewed' : String(one.reason)))
}
/** As the service has it, the newest last. */
const hooks = () => bench.sandbox.admin.webhooks().map(({ url, secret }) => ({ url, secret }))

async function deliver(url: string, secret: string): Promise<readonly [number, string | undefined]> {
  const body = JSON.stringify({ id: randomUUID(), stream: 'posts' })
  const headers = signedHeaders(secret, body, bench.clock.now())
  const answer = await fetch(url, { method: 'POST', headers, body })
  const text = await answer.text()
  const { error } = (text === '' ? {} : JSON.parse(text)) as { readonly error?: { readonly code: string } }
  return [answer.status, error?.code]
}
const changeOf = (id: string) => bench.store.node((tx) => inboundChanges.get(tx, id))
const counted = async (type: string) => (await bench.deliveries())[type] ?? {}

describe('a registration that ends by itself', () => {
  let id = ''
  let first: ReturnType<typeof hooks>[number]
  const expiresAt = async () => Date.parse(String(data(await shown('weekly', id))['expiresAt']))

  it('says when, and is left alone until a day before it', async () => {
    id = await connected('weekly')
    const made = await subscribe('weekly', id)
    expect([made.status, data(made)['status']]).toEqual([201, 'active'])
    first = hooks()[0]!
    expect(Math.abs((await expiresAt()) - bench.clock.now() - 7 * DAY)).toBeLessThan(60_000)
    bench.clock.add(6 * DAY - HOUR)
    expect(await renewDue()).toEqual([])
  })

  it('stays as it is while the service cannot be asked, and is tried again an hour later: no delivery is lost', async () => {
    bench.clock.add(2 * HOUR)
    for (let tries = 0; tries < 3; tries += 1) {
      bench.sandbox.admin.setFault({ route: 'webhooks', fault: { kind: 'status', status: 400 }, times: 1 })
      expect(await renewDue()).toEqual([expect.stringContaining('PROVIDER_CHANGED')])
      expect(await renewDue()).toEqual([])
      expect(data(await shown('weekly', id))).toMatchObject({
        status: 'active',
        lastErrorCode: 'PROVIDER_CHANGED',
      })
      expect(await deliver(first.url, first.secret)).toEqual([200, undefined])
      bench.clock.add(HOUR)
    }
  })

  it('is made anew under a new secret; the old one is still taken, and the service has one of them', async () => {
    expect(await renewDue()).toEqual(['renewed'])
    const [now, ...others] = hooks()
    expect(others).toEqual([])
    expect(now?.url).toBe(first.url)
    expect(now?.secret).not.toBe(first.secret)
    expect((await expiresAt()) - bench.clock.now()).toBeGreaterThan(6.9 * DAY)
    expect(data(await shown('weekly', id))).toMatchObject({ status: 'active', lastErrorCode: null })
    for (const { secret } of [first, now!]) expect(await deliver(first.url, secret)).toEqual([200, undefined])
    expect(await deliver(first.url, 'a secret that nobody gave out')).toEqual([401, 'UNAUTHENTICATED'])
    expect(await renewDue()).toEqual([])
    const rows = await bench.store.tenant('acme', (tx) => auditLog.list(tx, { subject: `connector:${id}` }))
    const actors = rows.filter(({ action }) => action === 'connector.webhook_registered')
    expect(actors.map(({ actor }) => actor)).toEqual(['user:ann', 'node'])
  })

  it('takes nothing after its end: 410, counted, nothing changed; it can be made again', async () => {
    await bench.store.node((tx) => tx.deleteFrom('inboundChanges').execute())
    bench.clock.add(8 * DAY)
    const [{ url, secret } = first] = hooks()
    const before = await counted('weekly')
    expect(await deliver(url, secret)).toEqual([410, 'GONE'])
    expect(await deliver(url, 'forged as well')).toEqual([410, 'GONE'])
    expect(await counted('weekly')).toEqual({ ...before, expired: 2 })
    expect(await changeOf(id)).toBeUndefined()
    bench.sandbox.admin.setFault({ route: 'webhooks', fault: { kind: 'status', status: 400 }, times: 1 })
    await renewDue()
    expect(data(await shown('weekly', id))['status']).toBe('failed')
    const again = await subscribe('weekly', id)
    expect([again.status, data(again)['url'] === url]).toEqual([201, false])
    expect(await deliver(url, secret)).toEqual([404, 'WEBHOOK_UNKNOWN'])
    const [newest = first] = hooks().slice(-1)
    expect(await deliver(newest.url, newest.secret)).toEqual([200, undefined])
    expect(await changeOf(id)).toMatchObject({ streams: ['posts'], deliveries: 1 })
  })

  it('of less than a day is renewed at three quarters of it', async () => {
    const brief = await connected('brief')
    const made = await subscribe('brief', brief)
    expect(made.status, made.text).toBe(201)
    bench.clock.add(3 * HOUR - 60_000)
    expect(await renewDue()).toEqual([])
    bench.clock.add(2 * 60_000)
    expect(await renewDue()).toEqual(['renewed'])
  })
})

describe('what cannot be subscribed to is CAPABILITY_MISSING, and the answer says what there is', () => {
  it.each([
    ['silent', {}, 'offers syncs of posts, followings'],
    ['of-all', {}, 'set up once for all accounts, by the operator. Enter it in the console once.'],
    ['narrow', { streams: ['posts'] }, 'it tells of changes of files only'],
  ])('%s', async (type, wishes, offer) => {
    const id = await connected(type, wishes)
    const refused = await subscribe(type, id)
    expect(ends(refused)).toEqual([422, 'CAPABILITY_MISSING'])
    expect(String(refused.json['error']?.['detail'])).toContain(offer)
    expect(ends(await shown(type, id))).toEqual([404, 'WEBHOOK_UNKNOWN'])
  })

  it('by hand: the secret and what to do are shown, once', async () => {
    const id = await connected('by-hand')
    const made = data(await subscribe('by-hand', id))
    expect(made).toMatchObject({
      status: 'active',
      setup: 'Enter the address and the secret at the service.',
    })
    expect(await deliver(String(made['url']), String(made['secret']))).toEqual([200, undefined])
    expect(data(await subscribe('by-hand', id))).toMatchObject({ secret: null, setup: null })
    expect((await shown('by-hand', id)).text).not.toContain(String(made['secret']))
  })

  it('another provider’s connection, or another tenant’s, is unknown', async () => {
    const id = await connected('by-hand')
    expect(ends(await subscribe('weekly', id))).toEqual([404, 'CONNECTOR_UNKNOWN'])
    const foreign = { body: { connectionId: id }, tenant: 'other' }
    expect(ends(await bench.call('POST', at('by-hand'), foreign))).toEqual([404, 'CONNECTOR_UNKNOWN'])
    expect(ends(await bench.call('DELETE', at('by-hand'), foreign))).toEqual([404, 'CONNECTOR_UNKNOWN'])
  })

  it('a provider that is switched off', async () => {
    const id = await connected('narrow')
    const rule = (enabled: boolean) =>
      bench.call('PATCH', '/api/connectors/narrow', { body: { enabled }, token: OPERATOR })
    await rule(false)
    expect(ends(await subscribe('narrow', id))).toEqual([403, 'PROVIDER_DISABLED'])
    await rule(true)
    expect((await subscribe('narrow', id)).status).toBe(201)
  })
})

describe('who is refused 600 times in a minute', () => {
  it('is not looked at any more, whatever address it says it has', async () => {
    const post = (headers = {}) =>
      fetch(`${bench.origin}/webhooks/in/sandbox/nobody`, { method: 'POST', headers, body: '{}' })
    const statuses = new Set<number>()
    for (let sent = 0; sent < 800 && !statuses.has(429); sent += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => post()))
      for (const { status } of answers) statuses.add(status)
    }
    expect([...statuses]).toEqual([404, 429])
    const before = await counted('sandbox')
    expect(before['unknown']).toBeLessThanOrEqual(600)
    expect(before['unknown']).toBeGreaterThan(580)
    const answer = await post({ 'x-forwarded-for': '192.0.2.9' })
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect(await answer.json()).toMatchObject({ error: { code: 'TOO_MANY_REQUESTS' } })
    expect(await counted('sandbox')).toEqual(before)
  })
})
