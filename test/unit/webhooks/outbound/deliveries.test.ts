/** From an event to its receivers, over a real store, queue and sockets, on every engine. */
import { afterEach, expect, test } from 'vitest'
import { createNetwork } from '../../../../src/outbound/index.js'
import { auditLog, webhookEvents, webhooks } from '../../../../src/store/index.js'
import { reveal } from '../../../../src/lib/redacted.js'
import { resealWebhooks, type WebhookPorts } from '../../../../src/webhooks/outbound/index.js'
import { testRing } from '../../../support/connector-bench.js'
import { onEveryStore } from '../../../support/store-suite.js'
import { DAY, openWebhookBench } from '../../../support/webhook-bench.js'
import { openReceiver, verify } from '../../../support/webhook-receiver.js'

await onEveryStore('deliveries', (store) => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    await store().node((tx) => tx.deleteFrom('webhooks').execute())
  })
  function open(facts?: Partial<WebhookPorts>) {
    const bench = openWebhookBench(store(), facts)
    ends.push(() => bench.close())
    return bench
  }
  async function receiver(options?: Parameters<typeof openReceiver>[0]) {
    const opened = await openReceiver(options)
    ends.push(() => opened.close())
    return opened
  }

  test('an event reaches every webhook that wants it, once, signed with its own secret', async () => {
    const bench = open()
    const [one, two, other] = [await receiver(), await receiver(), await receiver()]
    const first = await bench.add(one)
    await bench.add(two)
    const notWanted = await bench.add(other, { events: ['sync.failed'] })
    await bench.start()
    await bench.tell()
    await Promise.all([one.until(1), two.until(1)])
    const delivery = await bench.settled(first.id, 'delivered', 1)
    for (const { received } of [one, two]) {
      expect(received).toHaveLength(1)
      expect(received[0]).toMatchObject({ id: delivery.eventId, verified: true })
      expect(received[0]?.headers['content-type']).toBe('application/json')
    }
    expect(one.received[0]?.text).toBe(two.received[0]?.text)
    expect(verify(two.secret, one.received[0]!.headers, one.received[0]!.text)).toBe(false)
    const { type, timestamp, data } = one.received[0]!.json
    expect({ type, data }).toEqual({
      type: 'connection.created',
      data: { connector_id: expect.any(String) as string, connector_type: 'sandbox', subject: 'ann' },
    })
    expect(Date.parse(timestamp)).toBe(delivery.eventAtMs)
    expect(delivery).toMatchObject({ nextTryAtMs: null, attempts: [{ status: 204, error: null }] })
    expect(await bench.deliveries(notWanted.id)).toEqual([])
  })

  test('what did not happen is not told, and what nobody wants to hear leaves no row', async () => {
    const bench = open()
    const events = () =>
      store().node((tx) =>
        tx.selectFrom('webhookEvents').select('id').where('tenant', '=', bench.caller.tenant).execute(),
      )
    await bench.tell()
    expect(await events()).toEqual([])
    const hook = await bench.add(await receiver())
    const failed = new Error('rolled back')
    await expect(bench.tell(failed)).rejects.toBe(failed)
    expect(await events()).toEqual([])
    expect(await bench.deliveries(hook.id)).toEqual([])
  })

  test('a failure is tried again by the schedule, with the same id and body and a time of its own', async () => {
    const bench = open({ random: () => 1 })
    const to = await receiver({ toleranceSeconds: 3 * DAY })
    to.answers = [500, (res) => res.destroy()]
    const hook = await bench.add(to)
    await bench.start()
    await bench.tell()
    const first = await bench.settled(hook.id, 'waiting', 1)
    expect(first.attempts[0]).toMatchObject({ status: 500, error: 'STATUS' })
    expect(first.nextTryAtMs! - first.updatedAtMs).toBe(6_000)
    expect((await bench.row(hook.id)).failingSinceMs).toBe(first.attempts[0]?.atMs)
    bench.clock.add(5_000)
    expect(to.received).toHaveLength(1)
    bench.clock.add(1_000)
    const second = await bench.settled(hook.id, 'waiting', 2)
    expect(second.attempts[1]).toMatchObject({ status: null, error: 'UNREACHABLE' })
    expect(second.nextTryAtMs! - second.updatedAtMs).toBe(360_000)
    bench.clock.add(360_000)
    await bench.settled(hook.id, 'delivered', 3)
    expect(new Set(to.received.map(({ id, text }) => `${id} ${text}`)).size).toBe(1)
    expect(new Set(to.received.map(({ timestamp }) => timestamp)).size).toBe(3)
    expect(to.received.every(({ verified }) => verified)).toBe(true)
    expect((await bench.row(hook.id)).failingSinceMs).toBeNull()
  })

  test('a receiver that asks to wait is let alone as long as it says, with everything for it', async () => {
    const bench = open({ random: () => 0 })
    const to = await receiver()
    to.answers = [(res) => res.writeHead(429, { 'retry-after': '90' }).end()]
    const hook = await bench.add(to)
    await bench.start()
    await bench.tell()
    const asked = await bench.settled(hook.id, 'waiting', 1)
    expect(asked.nextTryAtMs! - asked.updatedAtMs).toBe(90_000)
    bench.clock.add(10)
    await bench.tell()
    const { holdUntilMs } = await bench.row(hook.id)
    expect(holdUntilMs).toBeGreaterThanOrEqual(asked.nextTryAtMs ?? Infinity)
    await expect.poll(async () => (await bench.deliveries(hook.id))[0]?.nextTryAtMs).toBe(holdUntilMs)
    expect(to.received).toHaveLength(1)
    bench.clock.add(90_000)
    await to.until(3)
    await bench.settled(hook.id, 'delivered', 1)
  })

  test('410 disables the webhook at once; what waited is cancelled, and comes back by a replay', async () => {
    const bench = open()
    const to = await receiver()
    const hook = await bench.add(to)
    for (let count = 0; count < 3; count += 1) await bench.tell()
    to.always = 410
    await bench.start()
    await to.until(1)
    await expect
      .poll(async () => (await bench.deliveries(hook.id)).filter(({ state }) => state === 'waiting').length)
      .toBe(0)
    expect(await bench.row(hook.id)).toMatchObject({ enabled: false, disabledReason: 'gone' })
    const trail = await store().tenant(bench.caller.tenant, (tx) =>
      auditLog.list(tx, { subject: `webhook:${hook.id}` }),
    )
    expect(trail.filter(({ action }) => action === 'webhook.disabled')).toMatchObject([
      { actor: 'node', facts: { reason: 'gone' } },
    ])
    const seen = to.received.length
    await bench.tell()
    expect((await bench.deliveries(hook.id)).length).toBe(3)
    await expect(bench.hooks.sendTest(bench.caller, hook.id)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
    const request = { sinceMs: 0, missedOnly: true }
    await expect(bench.hooks.replaySince(bench.caller, hook.id, request)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
    to.always = 200
    expect(await bench.hooks.update(bench.caller, hook.id, { enabled: true })).toMatchObject({
      disabledReason: null,
    })
    // The one that was told while it was disabled too.
    expect(await bench.hooks.replaySince(bench.caller, hook.id, request)).toMatchObject({
      count: 4,
      more: false,
    })
    await to.until(seen + 4)
    await expect
      .poll(async () => (await bench.deliveries(hook.id)).map(({ state }) => state))
      .toEqual(Array(4).fill('delivered'))
    expect(await bench.hooks.replaySince(bench.caller, hook.id, request)).toEqual({
      count: 0,
      more: false,
      throughMs: null,
    })
    expect(
      await bench.hooks.replaySince(bench.caller, hook.id, { sinceMs: 0, missedOnly: false }),
    ).toMatchObject({ count: 4 })
  })

  test('a webhook that fails for five days is disabled, and one that worked in between is not', async () => {
    const bench = open({ random: () => 0 })
    const to = await receiver()
    to.always = 500
    const hook = await bench.add(to)
    await bench.start()
    await bench.tell()
    await bench.settled(hook.id, 'waiting', 1)
    bench.clock.add(5 * DAY - 60_000)
    await bench.settled(hook.id, 'waiting', 2)
    expect(await bench.row(hook.id)).toMatchObject({ enabled: true })
    bench.clock.add(6 * 60_000)
    await bench.settled(hook.id, 'waiting', 3)
    await expect
      .poll(async () => bench.row(hook.id))
      .toMatchObject({ enabled: false, disabledReason: 'failing' })
    bench.clock.add(DAY)
    await bench.settled(hook.id, 'cancelled', 3)
  })

  test('is given up after ten tries; a replay of the delivery begins anew with the same id', async () => {
    const bench = open({ random: () => 0 })
    const to = await receiver()
    const hook = await bench.add(to)
    await bench.tell()
    const [{ id } = { id: '' }] = await bench.deliveries(hook.id)
    await store().node((tx) =>
      tx.updateTable('webhookDeliveries').set({ tries: 9 }).where('id', '=', id).execute(),
    )
    to.answers = [404]
    await bench.start()
    const failed = await bench.settled(hook.id, 'failed', 1)
    expect(failed.nextTryAtMs).toBeNull()
    await bench.hooks.replay(bench.caller, hook.id, id)
    const told = await bench.settled(hook.id, 'delivered', 2)
    expect(told.eventId).toBe(failed.eventId)
    expect(new Set(to.received.map((one) => one.id))).toEqual(new Set([failed.eventId]))
    await expect(bench.hooks.replay(bench.caller, hook.id, hook.id)).rejects.toMatchObject({
      code: 'DELIVERY_UNKNOWN',
    })
  })

  test('a receiver that hangs is given up in time; a long or endless body after a good status counts as good', async () => {
    const bench = open({ timeMs: 300 })
    const to = await receiver()
    const hook = await bench.add(to)
    to.answers = [() => undefined]
    await bench.start()
    await bench.tell()
    const hung = await bench.settled(hook.id, 'waiting', 1)
    expect(hung.attempts[0]).toMatchObject({ status: null, error: 'TIMED_OUT' })
    expect(hung.attempts[0]!.ms).toBeGreaterThanOrEqual(300)
    to.answers = [
      (res) => {
        res.writeHead(200)
        const more = () => void res.write(Buffer.alloc(65_536))
        res.on('drain', more)
        more()
        more()
      },
    ]
    bench.clock.add(10_000)
    await bench.settled(hook.id, 'delivered', 2)
    await expect.poll(() => to.open.now).toBe(0)
  })

  test('a redirect is a failure and is not followed', async () => {
    const bench = open()
    const [to, elsewhere] = [await receiver(), await receiver()]
    to.always = (res) => res.writeHead(302, { location: elsewhere.url }).end()
    const hook = await bench.add(to)
    await bench.start()
    await bench.tell()
    expect((await bench.settled(hook.id, 'waiting', 1)).attempts[0]).toMatchObject({
      status: 302,
      error: 'STATUS',
    })
    expect(elsewhere.received).toEqual([])
  })

  test('a name that resolves to a local address is refused when it is called, and an origin that is not allowed any more', async () => {
    const lookups: string[] = []
    const network = createNetwork({
      resolve: (name) => {
        lookups.push(name)
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }])
      },
    })
    ends.push(() => network.close())
    const bench = open({ network })
    const to = await receiver()
    const { webhook } = await bench.hooks.create(bench.caller, {
      url: `https://rebound.example:${new URL(to.origin).port}/`,
    })
    const taken = await bench.add(to)
    bench.allowed.length = 0
    await bench.start()
    await bench.tell()
    for (const { id } of [webhook, taken])
      expect((await bench.settled(id, 'waiting', 1)).attempts[0]).toMatchObject({
        status: null,
        error: 'ADDRESS_REFUSED',
      })
    expect(lookups).toEqual(['rebound.example'])
    expect(to.received).toEqual([])
  })

  test('a webhook is called by three at once, and one that hangs does not hold up another', async () => {
    const bench = open()
    const [slow, quick] = [await receiver(), await receiver()]
    const held: (() => void)[] = []
    slow.always = (res) => void held.push(() => res.writeHead(200).end())
    const hook = await bench.add(slow)
    await bench.add(quick)
    for (let count = 0; count < 8; count += 1) await bench.tell()
    await bench.start()
    await Promise.all([slow.until(3), quick.until(8)])
    expect(slow.open).toEqual({ now: 3, most: 3 })
    slow.always = 200
    for (const end of held) end()
    await slow.until(8)
    expect(slow.open.most).toBe(3)
    await expect
      .poll(async () => (await bench.deliveries(hook.id)).every(({ state }) => state === 'delivered'))
      .toBe(true)
  })

  test('a new secret signs beside the old one for a day, and then alone', async () => {
    const bench = open()
    const to = await receiver({ toleranceSeconds: 2 * DAY })
    const hook = await bench.add(to)
    const old = to.secret
    const { secret, oldUntilMs } = await bench.hooks.rotate(bench.caller, hook.id)
    const young = reveal(secret)
    expect(oldUntilMs - bench.clock.now()).toBeGreaterThan(DAY - 60_000)
    await bench.start()
    await bench.tell()
    await to.until(1)
    bench.clock.add(DAY + 1)
    await bench.tell()
    await to.until(2)
    const isBy = (text: string) =>
      to.received.map((one) => verify(text, one.headers, one.text, undefined, (2 * DAY) / 1_000))
    expect(isBy(young)).toEqual([true, true])
    expect(isBy(old)).toEqual([true, false])
    const row = JSON.stringify(await bench.row(hook.id))
    for (const text of [old, young]) expect(row).not.toContain(text)
  })

  test('a secret opens in its own webhook only, and is sealed again under a new key', async () => {
    const bench = open()
    const to = await receiver()
    const [hook, other] = [await bench.add(to), await bench.add(to)]
    await store().tenant(bench.caller.tenant, async (tx) => {
      await webhooks.note(tx, hook.id, { secretsSealed: (await webhooks.get(tx, other.id))!.secretsSealed })
    })
    await expect(bench.hooks.rotate(bench.caller, hook.id)).rejects.toMatchObject({ code: 'SEAL_FAILED' })
    await bench.start()
    await bench.tell()
    expect((await bench.settled(hook.id, 'waiting', 1)).attempts[0]).toMatchObject({
      status: null,
      error: 'SEAL_FAILED',
    })
    await bench.settled(other.id, 'delivered', 1)
    const { ring } = bench.ports
    expect(await resealWebhooks({ store: store(), ring })).toEqual({ resealed: 0, current: 2, unreadable: 0 })
    const next = testRing()
    const both = {
      ...next,
      keys: [...next.keys, ...ring.keys],
      find: (id: string) => next.find(id) ?? ring.find(id),
    }
    expect(await resealWebhooks({ store: store(), ring: both })).toEqual({
      resealed: 1,
      current: 0,
      unreadable: 1,
    })
    expect(await resealWebhooks({ store: store(), ring: next })).toEqual({
      resealed: 0,
      current: 1,
      unreadable: 1,
    })
  })

  test('a webhook that is deleted while it is called leaves nothing, and events are kept for thirty days', async () => {
    const bench = open()
    const to = await receiver()
    let answer: (() => void) | undefined
    to.answers = [(res) => (answer = () => res.writeHead(200).end())]
    const hook = await bench.add(to)
    const kept = await bench.add(await receiver())
    await bench.start()
    await bench.tell()
    await to.until(1)
    await bench.hooks.remove(bench.caller, hook.id)
    answer?.()
    await bench.settled(kept.id, 'delivered', 1)
    expect(await bench.deliveries(hook.id)).toEqual([])
    const purge = (ms: number) => store().node((tx) => webhookEvents.purge(tx, ms))
    await purge(bench.clock.now() - 60_000)
    expect(await bench.deliveries(kept.id)).toHaveLength(1)
    await purge(bench.clock.now() + 1)
    expect(await bench.deliveries(kept.id)).toEqual([])
  })

  test('a stop gives back what is under way, and it costs no try', async () => {
    const bench = open()
    const to = await receiver()
    to.answers = [() => undefined]
    const hook = await bench.add(to)
    const jobs = await bench.start()
    await bench.tell()
    await to.until(1)
    await jobs.stop()
    expect((await bench.deliveries(hook.id))[0]).toMatchObject({ state: 'waiting', tries: 0 })
    await bench.start()
    await to.until(2)
    await bench.settled(hook.id, 'delivered', 1)
  })
})
