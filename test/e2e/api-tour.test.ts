/** The tour of docs/API.md, run as it is printed by a provider of each category; and the same surface by the typed client: jobs that are followed and cancelled. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.js'
import { mintJwt } from '../../src/api/authentication/mint-jwt.js'
import { SCOPES } from '../../src/api/authentication/principal.js'
import { readJwtTrust } from '../../src/api/authentication/jwt-trust.js'
import { createClient, type Client } from '../../src/client/index.js'
import { readConfig } from '../../src/config.js'
import { approve } from '../../src/devnet/sandbox-service/index.js'
import { systemClock } from '../../src/lib/clock.js'
import { silentLog } from '../../src/lib/log.js'
import { startNode, type RunningNode } from '../../src/main.js'
import type { Auth, Provider } from '../../src/provider/index.js'
import { prepareStoreFolder } from '../support/database.js'
import { loadProviderCase } from '../support/load-provider-case.js'
import { connectBody, startOutsideServices, type OutsideServices } from '../support/outside-services.js'
import type { ProviderCase } from '../support/provider-case.js'

type ProviderCategory = Provider['category']

let folder: string
let node: RunningNode
let browser: Server
let token: string
let client: Client
let cases: readonly ProviderCase[]
let services: OutsideServices
let browserCommand = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-tour-'))
  await prepareStoreFolder(join(folder, 'store'))
  const told = Object.values(TOURS).filter(([id]) => id !== 'sandbox')
  cases = await Promise.all(told.map(([id]) => loadProviderCase('providers', id, providers)))
  services = await startOutsideServices(cases)
  const places = { MAX_CONCURRENT_SYNCS: '8', SYNCS_PER_TENANT: '8' }
  const own = { DATA_DIR: folder, PORT: '0', DEVNET_PORT: '0', SANDBOX_PORT: '0', ...places }
  const config = readConfig({ ...services.environment, ...own })
  node = await startNode({ config, log: silentLog, network: services.network })
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
  await once(browser, 'listening')
  const { port } = browser.address() as AddressInfo
  browserCommand = join(folder, 'browser')
  const ask = `curl -sS --get --data-urlencode "url=$1" http://127.0.0.1:${port}`
  await writeFile(browserCommand, `#!/bin/sh\n${ask}\n`, { mode: 0o700 })
}, 90_000)
afterAll(async () => {
  browser.close()
  await node.close()
  await services.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** One provider of each category: how its account is connected. A provider of a new category fails here until it has a row. */
const TOURS: Readonly<Record<ProviderCategory, readonly [provider: string, auth: Auth['kind']]>> = {
  personal: ['github', 'api_key'],
  finance: ['stripe', 'api_key'],
  commerce: ['woocommerce', 'basic'],
  storage: ['google-drive', 'oauth2'],
  crm: ['hubspot', 'api_key'],
  database: ['rest', 'custom'],
  development: ['sandbox', 'oauth2'],
}

/** As a person's browser goes from the link to the page that says it is connected. */
async function consent(url: string): Promise<string> {
  const started = await fetch(url, { redirect: 'manual' })
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
  const location = started.headers.get('location') ?? ''
  const back = location.startsWith('http://127.0.0.1') ? await approve(location) : allowed(location)
  return (await fetch(back, { headers: { cookie, accept: 'application/json' } })).text()
}

/** Where a service sends back a person who allows what was asked. */
function allowed(location: string): string {
  const asked = new URL(location).searchParams
  const back = new URL(asked.get('redirect_uri') ?? '')
  back.searchParams.set('state', asked.get('state') ?? '')
  back.searchParams.set('code', 'code-of-this-test')
  return back.href
}

/** What the tour is given beside the connector: credentials, and a container and an item that the fixtures know. */
function settingsOf(id: string, kind: Auth['kind']): Readonly<Record<string, string>> {
  const one = cases.find(({ name }) => name === id)
  if (one === undefined) return {}
  const auth = one.provider.auth.find((way) => way.kind === kind)
  if (auth === undefined) throw new Error(`${id} is not connected by ${kind}`)
  const { items = [], comments = [] } = one.browse?.expected ?? {}
  const container = items.map(({ query }) => query.containerId).find((name) => name !== undefined)
  const item = comments[0]?.query.itemId
  return {
    CONNECT: JSON.stringify(connectBody(one, auth)),
    ...(container !== undefined && { CONTAINER: container }),
    ...(item !== undefined && { ITEM: item }),
  }
}

interface Told {
  readonly success: boolean
  readonly data: Readonly<Record<string, unknown>> & readonly Readonly<Record<string, unknown>>[]
  readonly error: { readonly code: string; readonly message: string } | null
}

/** The answers that the tour prints, by what they are of, and the last lines that are none. */
async function tour(connector: string, settings: Readonly<Record<string, string>>) {
  const page = await readFile('docs/API.md', 'utf8')
  const script = /<!-- tour -->[^]*?```sh\n([^]*?)```/.exec(page)?.[1] ?? ''
  const env = {
    ...process.env,
    NODE: node.url,
    T: token,
    CONNECTOR: connector,
    BROWSER: browserCommand,
    ...settings,
  }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env })
  const lines = stdout.trim().split('\n')
  const answers = lines
    .filter((line) => line.startsWith('{"success"'))
    .map((line) => JSON.parse(line) as Told)
  const [offer, probe, containers, items, comments, subscribed, shown, ended, state, revoked, more] = answers
  if (revoked === undefined || more !== undefined) throw new Error(`another number of answers: ${stdout}`)
  const read = { offer, probe, containers, items, comments, subscribed, shown, ended, state, revoked }
  return { ...(read as Required<{ readonly [K in keyof typeof read]: Told }>), lines }
}

describe('the tour of docs/API.md', () => {
  it('is taken by a provider of every category', () => {
    const categories = new Set(providers.map(({ category }) => category))
    expect(Object.keys(TOURS).sort()).toEqual([...categories].sort())
  })

  it.concurrent.each(Object.entries(TOURS))(
    'runs as it is printed: %s',
    async (category, [id, kind]) => {
      const provider = providers.find((one) => one.id === id)
      if (provider === undefined) throw new Error(`there is no ${id}`)
      const { browse, webhooks, label } = provider
      const told = await tour(id, settingsOf(id, kind))
      const missing = { success: false, error: { code: 'CAPABILITY_MISSING' } }
      expect(told.offer.data).toMatchObject({ id, category, enabled: true, configured: true })
      expect(told.probe).toMatchObject({ success: true, data: { configured: true } })
      for (const what of ['containers', 'items', 'comments'] as const) {
        const isOffered = what === 'comments' ? browse?.comments !== undefined : browse !== undefined
        if (isOffered)
          expect([what, told[what].error, told[what].data.length > 0]).toEqual([what, null, true])
        else expect(told[what]).toMatchObject(missing)
        if (!isOffered) expect(told[what].error?.message).toContain(`${label} offers `)
      }
      if (webhooks?.scope === 'connection') {
        expect(told.subscribed).toMatchObject({ success: true, data: { connectorId: id, status: 'active' } })
        expect(told.shown.data['url']).toBe(told.subscribed.data['url'])
        expect(told.ended).toMatchObject({ success: true, data: { removed: true, reason: null } })
      } else {
        expect(told.subscribed).toMatchObject(missing)
        expect(told.ended.error?.code).toBe('WEBHOOK_UNKNOWN')
      }
      expect(told.lines).toContain('done')
      const streams = (told.state.data['streams'] as readonly { readonly stream: string }[]).map(
        ({ stream }) => stream,
      )
      expect([...new Set(streams)].sort()).toEqual(provider.streams.map(({ name }) => name).sort())
      expect(told.revoked).toMatchObject({ success: true, data: { connection: null } })
      expect(told.revoked.data['erasedRecords']).toBeGreaterThan(0)
      expect((await client.call('listConnections', { query: { connectorId: id } })).data).toEqual([])
    },
    120_000,
  )
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
