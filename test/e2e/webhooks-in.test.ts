/** A service that tells of a change: from its edit over a signed delivery to the record, without a schedule; and everything that is no such delivery. */
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES } from '../../src/api/authentication/principal.js'
import { readJwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { readConfig } from '../../src/config.js'
import { approve, type SandboxService } from '../../src/devnet/sandbox-service/index.js'
import { signedHeaders } from '../../src/devnet/sandbox-service/webhooks.js'
import { systemClock } from '../../src/lib/clock.js'
import { createLog } from '../../src/lib/log.js'
import { startNode, type RunningNode } from '../../src/main.js'

const OPERATOR = 'operator-token-of-this-test-0123456789'
const XERO_KEY = 'xero webhook key of this test'

let folder = ''
let node: RunningNode
let sandbox: SandboxService
let token = ''
let id = ''
const lines: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhooks-in-'))
  const config = readConfig({
    DATA_DIR: folder,
    PORT: '0',
    DEVNET_PORT: '0',
    SANDBOX_PORT: '0',
    OPERATOR_TOKEN: OPERATOR,
    SLICE_MS: '120000',
    XERO_CLIENT_ID: 'client',
    XERO_CLIENT_SECRET: 'secret of the application',
    XERO_WEBHOOK_KEY: XERO_KEY,
  })
  const log = createLog({ level: 'debug', json: true, write: (line) => lines.push(line) })
  node = await startNode({ config, log })
  sandbox = node.embedded!.sandbox
  const trust = await readJwtTrust(config)
  if (trust?.kind !== 'secret') throw new Error('no secret')
  const wishes = { tenant: 'acme', subject: 'ann', scopes: SCOPES, lifetimeMs: 600_000 }
  token = await mintJwt(trust, wishes, systemClock)
  id = await connect()
}, 90_000)
afterAll(async () => {
  await node.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

type Json = Readonly<Record<string, unknown>>

async function call(method: string, path: string, bearer = token) {
  const headers = { authorization: `Bearer ${bearer}` }
  const answer = await fetch(`${node.url}${path}`, { method, headers })
  return { status: answer.status, json: (await answer.json()) as Json }
}

/** Without a schedule: nothing runs but what is asked for. */
async function connect(): Promise<string> {
  const asked = await fetch(`${node.url}/v1/oauth/sandbox/authorize`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const { authorize_url: url, connector } = (await asked.json()) as {
    authorize_url: string
    connector: { id: string }
  }
  const started = await fetch(url, { redirect: 'manual' })
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const callback = await approve(started.headers.get('location') ?? '')
  await fetch(callback, { headers: { cookie, accept: 'application/json' } })
  return connector.id
}

const counts = async (provider: string): Promise<Json> => {
  const { json } = await call('GET', '/ops/deliveries', OPERATOR)
  return ((json['deliveries'] as Json)[provider] ?? {}) as Json
}
const health = async (): Promise<Json> => (await call('GET', `/v1/connectors/${id}/health`)).json
const records = async (): Promise<string> => {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${node.url}/v1/connectors/${id}/records/export`, { headers })).text()
}
const runs = (): number => lines.filter((line) => line.includes('"sync.started"')).length

async function until<T>(read: () => Promise<T>, isEnough: (value: T) => boolean): Promise<T> {
  for (let looks = 0; looks < 400; looks += 1) {
    const value = await read()
    if (isEnough(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not happen in 40 s')
}

const hook = () => {
  const [one] = sandbox.admin.webhooks()
  if (one === undefined) throw new Error('nothing is registered')
  return one
}
interface Sent {
  readonly id?: string
  readonly atMs?: number
  readonly secret?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly url?: string
}
/** Signed as the service signs. */
async function deliver({ id = randomUUID(), atMs = Date.now(), secret, headers, url }: Sent = {}) {
  const body = JSON.stringify({ id, stream: 'posts' })
  const signed = signedHeaders(secret ?? hook().secret, body, atMs)
  return post(url ?? hook().url, body, { ...signed, ...headers })
}
async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
) {
  const send = () => fetch(url, { method: 'POST', headers, body })
  // As services do when a kept connection was closed just now.
  const answer = await send().catch(send)
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}
const codeOf = ({ text }: { readonly text: string }): unknown =>
  (JSON.parse(text) as { readonly error: { readonly code: string } }).error.code

describe('a webhook of a connector', () => {
  it('is registered at its service, once', async () => {
    expect((await call('GET', `/v1/connectors/${id}/webhook`)).json['error']).toMatchObject({
      code: 'WEBHOOK_UNKNOWN',
    })
    const made = await call('POST', `/v1/connectors/${id}/webhook`)
    expect(made).toMatchObject({ status: 201, json: { status: 'active', connector_id: id, secret: null } })
    expect(made.json['url']).toBe(hook().url)
    expect(hook().url).toMatch(/\/webhooks\/in\/sandbox\/[\w-]{43}$/)
    const again = await call('POST', `/v1/connectors/${id}/webhook`)
    expect(again).toMatchObject({ status: 200, json: { url: hook().url } })
    expect(sandbox.admin.webhooks()).toHaveLength(1)
  })

  it('lets an edit at the service reach the record, without a schedule', async () => {
    await call('POST', `/v1/connectors/${id}/sync`)
    await until(health, (one) => one['last_success_at'] !== null)
    const [post = ''] = sandbox.admin.ids({ stream: 'posts' }).slice(20)
    await sandbox.admin.edit({ stream: 'posts', id: post }, { text: 'Edited: told by a webhook' })
    await sandbox.admin.told()
    await until(
      async () => runs(),
      (count) => count === 2,
    )
    await until(records, (text) => text.includes('Edited: told by a webhook'))
    const started = lines.filter((line) => line.includes('"sync.started"'))
    expect(started[1]).toContain('"trigger":"webhook"')
    expect((await call('GET', `/v1/connectors/${id}/webhook`)).json['last_delivery_at']).not.toBeNull()
  }, 60_000)

  it('takes 1,000 deliveries in a burst, each once, and folds them into one or two syncs', async () => {
    const before = { runs: runs(), counts: await counts('sandbox') }
    const started = performance.now()
    const ids = Array.from({ length: 1_000 }, () => randomUUID())
    const statuses = new Set<number>()
    for (let at = 0; at < ids.length; at += 20) {
      const sent = await Promise.all(ids.slice(at, at + 20).map((one) => deliver({ id: one })))
      for (const { status } of sent) statuses.add(status)
    }
    const seconds = (performance.now() - started) / 1_000
    expect([...statuses]).toEqual([200])
    expect((await counts('sandbox'))['accepted']).toBe(Number(before.counts['accepted']) + 1_000)
    await until(
      async () => runs(),
      (now) => now > before.runs,
    )
    await until(health, (one) => Date.parse(String(one['last_success_at'])) > Date.now() - 3_000)
    const duplicates = Number((await counts('sandbox'))['duplicate'] ?? 0)
    const again = await deliver({ id: ids[0]! })
    expect([again.status, again.text]).toEqual([200, ''])
    expect((await counts('sandbox'))['duplicate']).toBe(duplicates + 1)
    // Longer than deliveries are folded: the duplicate began nothing.
    await new Promise((resolve) => setTimeout(resolve, 7_000))
    expect(runs() - before.runs).toBeLessThanOrEqual(2)
    process.stdout.write(`1,000 deliveries in ${seconds.toFixed(1)} s, ${runs() - before.runs} syncs\n`)
  }, 120_000)
})

describe('what is no delivery of the service', () => {
  const own = () => new URL(hook().url)
  it.each([
    ['forged', 'refused', () => deliver({ secret: 'another secret of 16 letters' })],
    ['unsigned', 'refused', () => post(hook().url, '{"id":"1","stream":"posts"}', {})],
    ['stale', 'stale', () => deliver({ atMs: Date.now() - 6 * 60_000 })],
    ['from the future', 'stale', () => deliver({ atMs: Date.now() + 6 * 60_000 })],
    [
      'with another time',
      'refused',
      () => deliver({ headers: { 'x-sandbox-time': String(Date.now() + 1) } }),
    ],
    [
      'flipped',
      'refused',
      () => {
        const body = Buffer.from(JSON.stringify({ id: randomUUID(), stream: 'posts' }))
        const headers = signedHeaders(hook().secret, body.toString(), Date.now())
        body[body.length - 3]! ^= 1
        return post(hook().url, Uint8Array.from(body), headers)
      },
    ],
  ] as const)('%s: 401, counted, and nothing changes', async (_what, outcome, send) => {
    const before = { runs: runs(), counts: await counts('sandbox') }
    const answer = await send()
    expect(answer.status).toBe(401)
    expect(codeOf(answer)).toBe('UNAUTHENTICATED')
    const after = await counts('sandbox')
    expect(after).toEqual({ ...before.counts, [outcome]: Number(before.counts[outcome] ?? 0) + 1 })
    expect(runs()).toBe(before.runs)
  })

  it('oversized: 413; compressed: 415; another method: 405', async () => {
    const before = await counts('sandbox')
    const large = await post(hook().url, 'x'.repeat(1_100_000), { 'content-type': 'text/plain' })
    expect([large.status, codeOf(large)]).toEqual([413, 'TOO_LARGE'])
    const packed = await post(hook().url, 'x', { 'content-encoding': 'gzip' })
    expect([packed.status, codeOf(packed)]).toEqual([415, 'TYPE_UNSUPPORTED'])
    for (const method of ['PUT', 'DELETE', 'HEAD']) {
      const answer = await fetch(own(), { method })
      expect(answer.status).toBe(405)
    }
    expect(await counts('sandbox')).toEqual(before)
  })

  it('to an address that nobody has: 404, whatever it is near to', async () => {
    const before = Number((await counts('-'))['unknown'] ?? 0)
    const { origin, pathname } = own()
    const path = pathname.split('/').at(-1) ?? ''
    for (const address of [
      '/webhooks/in/sandbox',
      '/webhooks/in/nobody',
      `/webhooks/in/xero/${path}`,
      `/webhooks/in/sandbox/${path.slice(0, -1)}`,
      `/webhooks/in/sandbox/${path}x`,
      '/webhooks/in/__proto__/x',
    ]) {
      const answer = await deliver({ url: `${origin}${address}` })
      expect([address, answer.status, codeOf(answer)]).toEqual([address, 404, 'WEBHOOK_UNKNOWN'])
    }
    expect((await counts('-'))['unknown']).toBe(before + 2)
  })

  it('malformed JSON is the provider’s to judge: its bytes come unread', async () => {
    const body = '{"id":'
    const answer = await post(hook().url, body, signedHeaders(hook().secret, body, Date.now()))
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('no log line holds the address or a secret', () => {
    const path = own().pathname.split('/').at(-1) ?? ''
    const text = lines.join('')
    expect(text).toContain('/webhooks/in/sandbox/*')
    expect(text.includes(path)).toBe(false)
    expect(text.includes(hook().secret)).toBe(false)
  })
})

describe('an application’s endpoint', () => {
  const sign = (body: string, key = XERO_KEY) => createHmac('sha256', key).update(body).digest('base64')
  const send = (body: string, signature: string) =>
    post(`${node.url}/webhooks/in/xero`, body, {
      'content-type': 'application/json',
      'x-xero-signature': signature,
    })

  it('answers Xero’s intent to receive as Xero asks: 200, an empty body, no cookie; 401 for the forged one', async () => {
    const body = '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'
    const right = await send(body, sign(body))
    expect([right.status, right.text, right.headers.get('set-cookie')]).toEqual([200, '', null])
    expect(right.headers.get('content-length')).toBe('0')
    expect((await send(body, sign(body, 'another key'))).status).toBe(401)
    expect(await counts('xero')).toMatchObject({ handshake: 1, refused: 1 })
  })

  it('counts accounts that nobody has here, and ignores them', async () => {
    const event = { tenantId: randomUUID(), eventCategory: 'INVOICE' }
    const body = JSON.stringify({ events: [event, { ...event, tenantId: randomUUID() }], entropy: 'x' })
    expect((await send(body, sign(body))).status).toBe(200)
    expect(await counts('xero')).toMatchObject({ accepted: 1, unknownAccount: 2 })
  })

  it('is asked for once, by the operator: nobody else sees the counts', async () => {
    expect((await call('GET', '/ops/deliveries')).status).toBe(401)
  })
})

describe('its end', () => {
  it('is told, and the address is refused from then on', async () => {
    const { url, secret } = hook()
    const removed = await call('DELETE', `/v1/connectors/${id}/webhook`)
    expect(removed).toMatchObject({ status: 200, json: { removed: true, reason: null } })
    expect(sandbox.admin.webhooks()).toHaveLength(0)
    expect((await deliver({ url, secret })).status).toBe(404)
    expect((await call('DELETE', `/v1/connectors/${id}/webhook`)).status).toBe(404)
  })

  it('comes with the connector’s, also when the service does not answer', async () => {
    await call('POST', `/v1/connectors/${id}/webhook`)
    const { url, secret } = hook()
    sandbox.admin.setFault({ route: 'webhooks', fault: { kind: 'status', status: 500 }, times: 20 })
    const { json } = await call('DELETE', `/v1/connectors/${id}`)
    expect(json).toMatchObject({ deleted: true, webhook: { removed: false, reason: 'PROVIDER_DOWN' } })
    expect((await deliver({ url, secret })).status).toBe(404)
  }, 60_000)

  it('is audited', async () => {
    const { json } = await call('GET', `/v1/audit?connector_id=${id}&limit=200`)
    const actions = (json['data'] as readonly { readonly action: string }[]).map(({ action }) => action)
    expect(actions.filter((action) => action.startsWith('connector.webhook'))).toEqual([
      'connector.webhook_registered',
      'connector.webhook_removed',
      'connector.webhook_registered',
    ])
  })
})
