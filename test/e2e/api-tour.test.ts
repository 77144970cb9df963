/** The tour of docs/API.md, run as it is printed; and the same surface by the typed client: jobs that are followed and cancelled. */
import { execFile } from 'node:child_process'
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES } from '../../src/api/authentication/principal.js'
import { readJwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { createClient, type Client } from '../../src/client/index.js'
import { readConfig } from '../../src/config.js'
import { approve } from '../../src/devnet/sandbox-service/index.js'
import { systemClock } from '../../src/lib/clock.js'
import { silentLog } from '../../src/lib/log.js'
import { startNode, type RunningNode } from '../../src/main.js'

let folder: string
let node: RunningNode
let browser: Server
let token: string
let client: Client

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-tour-'))
  const config = readConfig({ DATA_DIR: folder, PORT: '0', DEVNET_PORT: '0', SANDBOX_PORT: '0' })
  node = await startNode({ config, log: silentLog })
  const trust = await readJwtTrust(config)
  if (trust?.kind !== 'secret') throw new Error('no secret')
  const wishes = { tenant: 'acme', subject: 'ann', scopes: SCOPES, lifetimeMs: 600_000 }
  token = await mintJwt(trust, wishes, systemClock)
  client = createClient({ url: node.url, token: () => token })
  browser = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://browser').searchParams.get('url') ?? ''
    consent(url).then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
}, 90_000)
afterAll(async () => {
  browser.close()
  await node.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** As a person's browser goes from the link to the page that says it is connected. */
async function consent(url: string): Promise<string> {
  const started = await fetch(url, { redirect: 'manual' })
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const back = await approve(started.headers.get('location') ?? '')
  return (await fetch(back, { headers: { cookie, accept: 'application/json' } })).text()
}

describe('the tour of docs/API.md', () => {
  it('runs as it is printed', async () => {
    const page = await readFile('docs/API.md', 'utf8')
    const printed = /<!-- tour -->\n+```sh\n([^]*?)```/.exec(page)?.[1] ?? ''
    const { port } = browser.address() as AddressInfo
    const script = printed
      .replace(/^NODE=.*$/m, `NODE='${node.url}'`)
      .replace(/^T=.*$/m, `T='${token}'`)
      .replace(
        /^browser\(\).*$/m,
        `browser() { curl -sS --get --data-urlencode "url=$1" http://127.0.0.1:${port}; }`,
      )
    expect(script).not.toContain('localhost')
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script])
    const answers = stdout.split('\n').filter((line) => line.startsWith('{'))
    for (const answer of answers)
      expect(JSON.parse(answer), answer.slice(0, 300)).not.toMatchObject({ success: false })
    const names = answers.map((line) => JSON.parse(line) as { data?: unknown; status?: string })
    expect(names.some(({ status }) => status === 'connected')).toBe(true)
    expect(stdout).toMatch(/^done$/m)
    const { data } = await client.call('listConnections')
    expect(data).toEqual([])
  }, 120_000)
})

describe('by the typed client', () => {
  it('a connection is looked into, synced, cancelled and revoked', async () => {
    const params = { id: 'sandbox' }
    const started = await client.call('connectAccount', { params, body: { displayName: 'Ours' } })
    if (started.data.kind !== 'sign-in') throw new Error('a sign-in is needed')
    const connectionId = started.data.connection.id
    await consent(started.data.authorizeUrl)
    const containers = await client.call('listContainers', { params, query: { connectionId } })
    expect(containers.data.map(({ id }) => id)).toEqual(['files', 'work', 'home', 'reading'])
    const items = await client.call('listItems', {
      params,
      query: { connectionId, kind: 'event', limit: '2' },
    })
    expect(items.data.map(({ kind }) => kind)).toEqual(['event', 'event'])
    expect(items.meta.page).toMatchObject({ limit: 2, nextCursor: expect.any(String) as string })

    const { data: job } = await client.call('startJob', { params, body: { connectionId } })
    const followed = { params: { ...params, jobId: job.id } }
    const listed = await client.call('listProviderJobs', { params, query: { connectionId } })
    expect(listed.data.map(({ id }) => id)).toContain(job.id)
    const cancelled = await client.call('cancelJob', followed)
    expect(['cancelled', 'done']).toContain(cancelled.data.state)
    expect((await client.call('getJob', followed)).data).toMatchObject({ id: job.id, connectionId })
    expect((await client.call('cancelJob', followed)).data.state).toBe(cancelled.data.state)
    const missing = { params: { ...params, jobId: '00000000-0000-4000-8000-000000000000' } }
    await expect(client.call('getJob', missing)).rejects.toMatchObject({ code: 'JOB_UNKNOWN', status: 404 })

    const subscribed = await client.call('subscribeWebhook', { params, body: { connectionId } })
    expect(subscribed.data).toMatchObject({ connectorId: 'sandbox', connectionId, status: 'active' })
    expect(subscribed.data).toMatchObject({ secret: null, setup: null, expiresAt: null })
    const again = await client.call('subscribeWebhook', { params, body: { connectionId } })
    expect(again.data.url).toBe(subscribed.data.url)
    const shown = await client.call('getSubscription', { params, query: { connectionId } })
    expect(shown.data).toMatchObject({ id: subscribed.data.id, streams: subscribed.data.streams })
    expect(node.embedded?.sandbox.admin.webhooks().map(({ url }) => url)).toEqual([subscribed.data.url])
    const ended = await client.call('unsubscribeWebhook', { params, body: { connectionId } })
    expect(ended.data).toEqual({ removed: true, reason: null })
    await expect(
      client.call('unsubscribeWebhook', { params, query: { connectionId } }),
    ).rejects.toMatchObject({ code: 'WEBHOOK_UNKNOWN', status: 404 })
    expect(node.embedded?.sandbox.admin.webhooks()).toEqual([])

    const { data: revoked } = await client.call('revokeAccount', { params, body: { connectionId } })
    expect(revoked).toMatchObject({ revoked: true, connection: { status: 'reconnect_needed' } })
    const refused = client.call('listItems', { params, query: { connectionId, kind: 'odd' } })
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID', fields: [{ path: 'kind' }] })
  }, 60_000)
})
