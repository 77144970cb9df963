/** What no Vault sends: every bad request gets its status and its code, nothing is repeated, nothing is written, and the node lives on. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/errors.js'
import { openStore, type Store } from '../../src/store/index.js'
import type { LinkCapsules } from '../../src/devnet/vault-http.js'
import { nodeProcess, type NodeProcess } from '../support/node-process.js'
import { keyholder, type Keyholder } from './keyholder.js'
import { fuzz } from './fuzz.js'
import { openWorld, PROVIDER, type World } from './world.js'

/** In every value that is sent, so that a single search finds whatever was repeated. */
const MARKER = `mk${randomBytes(8).toString('hex')}`
const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'
const JSON_TYPE = { 'content-type': 'application/json' }

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

interface Bad {
  readonly path: string
  readonly init?: RequestInit
}
type Case = readonly [what: string, bad: () => Bad | Promise<Bad>, status: number, code: ErrorCode]

/** A whole GET /sync but for what is changed. `undefined` leaves a parameter out. */
function sync(changes: Record<string, string | undefined>, provider: string = PROVIDER): Bad {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ did: owner.did, key: owner.key, ...own, ...changes }))
    if (value !== undefined) query.set(name, value)
  return { path: `/sync/${provider}?${query.toString()}` }
}

const withMore = ({ path }: Bad, more: string): Bad => ({ path: `${path}&${more}` })

/** A POST signed by the owner over the very bytes that are sent. */
function signed(
  path: string,
  body: string,
  signer: Keyholder = owner,
  headers: Record<string, string> = JSON_TYPE,
): Bad {
  const token = signer.sign({ method: 'POST', url: node.url + path, body, audience: node.url })
  return { path, init: { method: 'POST', body, headers: { authorization: `Bearer ${token}`, ...headers } } }
}
const start = (members: object, provider = PROVIDER): Bad =>
  signed(`/syncStart/${provider}`, JSON.stringify({ did: owner.did, key: owner.key, ...own, ...members }))

function flipped(capsule: string, at: number): string {
  const bytes = Buffer.from(capsule, 'base64url')
  const place = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
  return bytes.toString('base64url')
}

const dids: readonly Case[] = [
  ['no DID', () => sync({ did: undefined }), 400, 'DID_INVALID'],
  ['a DID of another method', () => sync({ did: `did:web:${MARKER}` }), 400, 'DID_INVALID'],
  [
    'a DID of an unknown network',
    () => sync({ did: owner.did.replace('testnet', MARKER) }),
    400,
    'DID_INVALID',
  ],
  ['a DID that is too short', () => sync({ did: owner.did.slice(0, -1) }), 400, 'DID_INVALID'],
  ['a DID with markup', () => sync({ did: `<script>${MARKER}</script>` }), 400, 'DID_INVALID'],
  ['a DID with a line break', () => sync({ did: `${owner.did}\r\nX-${MARKER}: 1` }), 400, 'REQUEST_INVALID'],
  ['a DID with NUL', () => sync({ did: `${owner.did}\u0000${MARKER}` }), 400, 'REQUEST_INVALID'],
  ['a DID given twice', () => withMore(sync({}), `did=${MARKER}`), 400, 'REQUEST_INVALID'],
  [
    'an operator for a DID',
    () => withMore(sync({ did: undefined }), `did[$ne]=${MARKER}`),
    400,
    'DID_INVALID',
  ],
  ["another owner's DID", () => sync({ did: other.did }), 409, 'TOKEN_REVOKED'],
  [
    'the same address on another network',
    () => sync({ did: owner.did.replace('testnet', 'mainnet') }),
    409,
    'TOKEN_REVOKED',
  ],
  ["another owner's DID in a signed body", () => start({ did: other.did }), 403, 'FORBIDDEN'],
  ['a malformed DID in a signed body', () => start({ did: MARKER }), 400, 'DID_INVALID'],
]

const keys: readonly Case[] = [
  ['no key', () => sync({ key: undefined }), 400, 'KEY_INVALID'],
  ['a key that is too short', () => sync({ key: owner.key.slice(2) }), 400, 'KEY_INVALID'],
  ['a key that is too long', () => sync({ key: `${owner.key}00` }), 400, 'KEY_INVALID'],
  ['a key that is not hexadecimal', () => sync({ key: MARKER.padEnd(64, 'g') }), 400, 'KEY_INVALID'],
  ['a key given twice', () => withMore(sync({}), `key=${MARKER}`), 400, 'REQUEST_INVALID'],
  ['another key', () => sync({ key: randomBytes(32).toString('hex') }), 409, 'TOKEN_REVOKED'],
  [
    'another key in a signed body',
    () => start({ key: randomBytes(32).toString('hex') }),
    409,
    'TOKEN_REVOKED',
  ],
]

const providers: readonly Case[] = [
  ['an unknown provider', () => sync({}, MARKER), 404, 'PROVIDER_UNKNOWN'],
  ['a provider that is not set up', () => sync({}, 'facebook'), 503, 'PROVIDER_NOT_CONFIGURED'],
  ['4 kB of provider', () => sync({}, `${MARKER}${'a'.repeat(4096)}`), 404, 'PROVIDER_UNKNOWN'],
  ['a provider with markup', () => sync({}, `%3Cscript%3E${MARKER}`), 404, 'PROVIDER_UNKNOWN'],
  ['a provider out of the tree', () => sync({}, '..%2f..%2fetc%2fpasswd'), 404, 'PROVIDER_UNKNOWN'],
  ['a provider with NUL', () => sync({}, `sandbox%00${MARKER}`), 404, 'PROVIDER_UNKNOWN'],
  ['a provider with a line break', () => sync({}, `sandbox%0d%0aX-${MARKER}:%201`), 404, 'PROVIDER_UNKNOWN'],
  ['the name of all objects', () => sync({}, '__proto__'), 404, 'PROVIDER_UNKNOWN'],
  ['malformed percent-encoding', () => sync({}, '%E0%A4%A'), 400, 'REQUEST_INVALID'],
  ['an unknown provider in a signed request', () => start({}, MARKER), 404, 'PROVIDER_UNKNOWN'],
  [
    'syncDone of an unknown provider',
    () => ({ path: `/syncDone/${MARKER}?did=${owner.did}` }),
    404,
    'PROVIDER_UNKNOWN',
  ],
]

const capsules: readonly Case[] = [
  [
    'capsules that are no capsules',
    () => sync({ accessToken: MARKER, refreshToken: MARKER }),
    409,
    'TOKEN_REVOKED',
  ],
  ["another owner's capsules", () => sync({ ...foreign }), 409, 'TOKEN_REVOKED'],
  ["another owner's capsules in a signed request", () => start({ ...foreign }), 409, 'TOKEN_REVOKED'],
  ['capsules of two grants', () => sync({ refreshToken: foreign.refreshToken }), 409, 'TOKEN_REVOKED'],
  [
    'the capsules in each other’s place',
    () => sync({ accessToken: own.refreshToken, refreshToken: own.accessToken }),
    409,
    'TOKEN_REVOKED',
  ],
  ['no capsules', () => sync({ accessToken: undefined, refreshToken: undefined }), 409, 'TOKEN_REVOKED'],
  ...[0, 1, 3, 8, 12, 40, -1].map((at): Case => [
    `a capsule with a bit flipped in byte ${at}`,
    () => sync({ accessToken: flipped(own.accessToken, at) }),
    409,
    'TOKEN_REVOKED',
  ]),
  ...[1, 20, 60].map((kept): Case => [
    `a capsule of which ${kept} characters are left`,
    () => sync({ refreshToken: own.refreshToken.slice(0, kept) }),
    409,
    'TOKEN_REVOKED',
  ]),
  [
    'a capsule with something behind it',
    () => sync({ refreshToken: `${own.refreshToken}AAAA` }),
    409,
    'TOKEN_REVOKED',
  ],
  ['a capsule with padding', () => sync({ accessToken: `${own.accessToken}==` }), 409, 'TOKEN_REVOKED'],
  [
    'a capsule with a line break',
    () => sync({ accessToken: `${own.accessToken}\n` }),
    400,
    'REQUEST_INVALID',
  ],
  [
    'a capsule that is too long',
    () => sync({ accessToken: MARKER.padEnd(8_200, 'a') }),
    400,
    'REQUEST_INVALID',
  ],
  ['a capsule given twice', () => withMore(sync({}), `accessToken=${MARKER}`), 400, 'REQUEST_INVALID'],
  ['a config that is not JSON', () => sync({ config: `{${MARKER}` }), 400, 'REQUEST_INVALID'],
  ['a config that is a list', () => sync({ config: `["${MARKER}"]` }), 400, 'REQUEST_INVALID'],
  ['a config with numbers', () => sync({ config: '{"accessToken":1}' }), 400, 'REQUEST_INVALID'],
  [
    'a config that poisons prototypes',
    () =>
      sync({
        accessToken: undefined,
        refreshToken: undefined,
        config: `{"__proto__":${JSON.stringify(own)},"constructor":{"prototype":{"x":"${MARKER}"}}}`,
      }),
    409,
    'TOKEN_REVOKED',
  ],
]

const path = `/syncStart/${PROVIDER}`
const bodies: readonly Case[] = [
  ['no body', () => ({ path, init: { method: 'POST' } }), 415, 'TYPE_UNSUPPORTED'],
  ['broken JSON', () => signed(path, `{"did":"${MARKER}`), 400, 'REQUEST_INVALID'],
  ['JSON that is a list', () => signed(path, `["${MARKER}"]`), 400, 'REQUEST_INVALID'],
  ['JSON that is a text', () => signed(path, `"${MARKER}"`), 400, 'REQUEST_INVALID'],
  ['a body that is too large', () => signed(path, `{"did":"${MARKER.repeat(70_000)}"}`), 413, 'TOO_LARGE'],
  ['text', () => signed(path, MARKER, owner, { 'content-type': 'text/plain' }), 415, 'TYPE_UNSUPPORTED'],
  [
    'JSON that is called text',
    () =>
      signed(path, JSON.stringify({ did: owner.did, key: owner.key, ...own }), owner, {
        'content-type': 'text/plain',
      }),
    415,
    'TYPE_UNSUPPORTED',
  ],
  [
    'a form, which the signature would not cover',
    () => {
      const body = new URLSearchParams({ did: owner.did, key: owner.key, ...own }).toString()
      const { init = {} } = signed(path, '')
      const headers = {
        ...(init.headers as Record<string, string>),
        'content-type': 'application/x-www-form-urlencoded',
      }
      return { path, init: { ...init, body, headers } }
    },
    415,
    'TYPE_UNSUPPORTED',
  ],
  ['an unknown member', () => start({ [MARKER]: 1 }), 400, 'REQUEST_INVALID'],
  ['an owner of its own making', () => start({ owner: MARKER, status: 'complete' }), 400, 'REQUEST_INVALID'],
  ['a list for a text', () => start({ key: [owner.key] }), 400, 'REQUEST_INVALID'],
  ['an operator for a text', () => start({ did: { $ne: MARKER } }), 400, 'REQUEST_INVALID'],
  [
    'a limit below one',
    () => start({ syncSchemas: { [`<b>${MARKER}`]: { limit: 0 } } }),
    400,
    'REQUEST_INVALID',
  ],
  ['a poisoned prototype', () => signed(path, `{"__proto__":{"did":"${MARKER}"}}`), 400, 'REQUEST_INVALID'],
  [
    'a code of nobody',
    () => signed('/connect/redeem', JSON.stringify({ code: MARKER, verifier: 'v'.repeat(43) })),
    410,
    'GONE',
  ],
  [
    'a verifier that is too short',
    () => signed('/connect/redeem', `{"code":"${MARKER}","verifier":"v"}`),
    400,
    'REQUEST_INVALID',
  ],
  ['a disconnect with nothing', () => signed(`/disconnect/${PROVIDER}`, '{}'), 400, 'REQUEST_INVALID'],
  [
    'a disconnect with foreign capsules',
    () => signed(`/disconnect/${PROVIDER}`, JSON.stringify({ did: owner.did, key: owner.key, ...foreign })),
    409,
    'TOKEN_REVOKED',
  ],
]

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })
const edges: readonly Case[] = [
  ['an unknown path', () => ({ path: `/${MARKER}` }), 404, 'ROUTE_UNKNOWN'],
  ['a file of the node', () => ({ path: '/..%2f..%2fpackage.json' }), 404, 'ROUTE_UNKNOWN'],
  ['the practice Vault, which is not here', () => ({ path: `/dev/vault?${MARKER}` }), 404, 'ROUTE_UNKNOWN'],
  [
    'a wrong method',
    () => ({ path: `/sync/${PROVIDER}`, init: { method: 'PUT', body: MARKER } }),
    405,
    'METHOD_UNKNOWN',
  ],
  ['GET of what is POST', () => ({ path: `${path}?${MARKER}` }), 405, 'METHOD_UNKNOWN'],
  ['a status without a token', () => ({ path: `/syncStatus/${PROVIDER}/${MARKER}` }), 401, 'UNAUTHENTICATED'],
  [
    'a status with a strange token',
    () => ({ path: `/syncStatus/${PROVIDER}/${MARKER}`, init: bearer(MARKER) }),
    404,
    'SYNC_UNKNOWN',
  ],
  [
    'a status with a broken signed token',
    () => ({ path: `/syncStatus/${PROVIDER}/x`, init: bearer(`${MARKER}.a.b`) }),
    401,
    'UNAUTHENTICATED',
  ],
  [
    'a status of NUL',
    () => ({ path: `/syncStatus/${PROVIDER}/%00${MARKER}`, init: bearer(MARKER) }),
    404,
    'SYNC_UNKNOWN',
  ],
  [
    'a receipt of NUL',
    () => {
      const at = `/syncs/%00${MARKER}/receipt`
      return { path: at, init: bearer(owner.sign({ method: 'GET', url: node.url + at, audience: node.url })) }
    },
    404,
    'SYNC_UNKNOWN',
  ],
  [
    'a return that nobody began',
    () => ({ path: `/auth/${PROVIDER}?code=${MARKER}&state=${MARKER}` }),
    400,
    'STATE_UNKNOWN',
  ],
  [
    'a refusal that nobody began',
    () => ({ path: `/callback/${PROVIDER}?error=<script>${MARKER}` }),
    400,
    'STATE_UNKNOWN',
  ],
  [
    'a return with a state given twice',
    () => ({ path: `/auth/${PROVIDER}?state=a&state=${MARKER}` }),
    400,
    'REQUEST_INVALID',
  ],
  [
    'a redirect elsewhere',
    () => ({ path: `/connect/${PROVIDER}?did=${owner.did}&redirect=https://${MARKER}.test/` }),
    400,
    'REDIRECT_REFUSED',
  ],
]

async function answerTo({ path: at, init = {} }: Bad, accept: string): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string> | undefined), accept }
  return fetch(node.url + at, { redirect: 'manual', ...init, headers })
}

describe.each([
  ['a DID', dids],
  ['a key', keys],
  ['a provider', providers],
  ['capsules', capsules],
  ['a body', bodies],
  ['the edge', edges],
])('of %s', (_of, cases) => {
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
