/** What no Vault sends: every bad request gets its status and its code, nothing is repeated, nothing is written, and the node lives on. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/store/index.js'
import type { LinkCapsules } from '../../src/devnet/vault-http.js'
import { nodeProcess, type NodeProcess } from '../support/node-process.js'
import { badRequests, type Bad, type Parties } from './bad-requests.js'
import { keyholder } from './keyholder.js'
import { fuzz } from './fuzz.js'
import { openWorld, PROVIDER, type World } from './world.js'

/** In every value that is sent, so that a single search finds whatever was repeated. */
const MARKER = `mk${randomBytes(8).toString('hex')}`
const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'

let world: World
let node: NodeProcess
let logFile: string
let databases: readonly (readonly string[])[]
const ended: string[] = []
/** Sign-ins that the random requests began with whole parameters. */
let started = 0
const owner = keyholder()
const other = keyholder()
let own: LinkCapsules
let foreign: LinkCapsules
const parties = (): Parties => ({ url: node.url, owner, other, own, foreign })

beforeAll(async () => {
  world = await openWorld()
  logFile = join(world.folder, 'node.log')
  node = await nodeProcess({ environment: world.environment({ LOG_LEVEL: 'debug' }), logFile })
  void node.gone.then((how) => ended.push(how))
  await world.welcome(node)
  own = await owner.at(node.url).connect(PROVIDER)
  foreign = await other.at(node.url).connect(PROVIDER)
  const { syncRequestId } = await owner.at(node.url).syncByPost(PROVIDER, own)
  await owner.at(node.url).ended(PROVIDER, syncRequestId)
  databases = await world.databases()
}, 120_000)
afterAll(async () => {
  await node.kill()
  await world.close()
})

async function answerTo({ path: at, init = {} }: Bad, accept: string): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string> | undefined), accept }
  return fetch(node.url + at, { redirect: 'manual', ...init, headers })
}

describe.each(badRequests(parties, { owner, other, marker: MARKER }))('of %s', (_of, cases) => {
  it.each(cases)('%s is refused, as JSON and as a page', async (_what, bad, status, code) => {
    const answer = await answerTo(await bad(), '*/*')
    const text = await answer.text()
    expect([answer.status, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ])
    expect(text + JSON.stringify([...answer.headers])).not.toContain(MARKER)
    expect(answer.headers.get('cache-control')).toBe('no-store')

    const page = await answerTo(await bad(), HTML)
    const html = await page.text()
    expect(page.status).toBe(status)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(html + JSON.stringify([...page.headers])).not.toContain(MARKER)
  })
})

describe('what is no HTTP', () => {
  it.each([
    ['a line break in the address', 'GET /sync/sandbox?did=a\rb HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: \u0000\r\n\r\n'],
    ['a negative length', 'POST /syncStart/sandbox HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
    [
      'two lengths',
      'POST /syncStart/sandbox HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'a length and chunks',
      'POST /syncStart/sandbox HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['17 kB of address', `GET /sync/sandbox?did=${'a'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ])('%s is refused by its status', async (_what, text) => {
    const socket = connectSocket(Number(new URL(node.url).port), '127.0.0.1')
    let got = ''
    socket.setEncoding('latin1').on('data', (part: string) => (got += part))
    socket.on('error', () => undefined)
    socket.write(text)
    await once(socket, 'close')
    expect(got).toMatch(/^HTTP\/1\.1 4\d\d /)
  })
})

const TABLES = [
  'oauthStates',
  'redeemCodes',
  'grants',
  'connections',
  'syncs',
  'vaultDatabases',
  'staging',
] as const

async function rows(store: Store): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const table of TABLES)
    counts[table] = (
      await store.db
        .selectFrom(table as 'syncs')
        .selectAll()
        .execute()
    ).length
  return counts
}

describe('after all of it', () => {
  it('several hundred random requests get only codes of the table, and never 500', async () => {
    const { requests, redirects } = await fuzz({ url: node.url, owner, marker: MARKER, runs: 500 })
    expect(requests).toBe(500)
    started = redirects
  }, 60_000)

  it('the node is the same process, answers, and logged nothing that was sent', async () => {
    expect(ended).toEqual([])
    expect((await fetch(`${node.url}/health`)).status).toBe(200)
    const log = await readFile(logFile, 'utf8')
    const lines = log.split('\n').filter((line) => line.includes(MARKER))
    // A path is logged, its query is not.
    const asPaths = lines.map((line) => ({ ...(JSON.parse(line) as { path?: string }), path: '' }))
    expect(asPaths.filter((line) => JSON.stringify(line).includes(MARKER))).toEqual([])
    expect(log).not.toMatch(/"level":"error"/)
    for (const secret of [owner.key, own.accessToken, own.refreshToken, foreign.accessToken])
      expect(log).not.toContain(secret)
  })

  it('nothing was written: neither here nor on the storage nodes', async () => {
    expect(await world.databases()).toEqual(databases)
    await node.kill()
    const store = await openStore({ folder: join(world.folder, 'node', 'store') })
    try {
      expect(await rows(store)).toEqual({
        oauthStates: started,
        redeemCodes: 0,
        grants: 2,
        connections: 2,
        syncs: 1,
        vaultDatabases: 5,
        staging: 0,
      })
    } finally {
      await store.close()
    }
  })
})
