/** Requests that an owner signs: what is altered, stripped, replayed or another's is refused, also by a node that was restarted. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LinkCapsules } from '../../src/devnet/vault-http.js'
import { bodyHash } from '../../src/lib/owner-jwt.js'
import { sha256 } from '../../src/lib/keyed-hash.js'
import { publicKeyOf, signDigest } from '../../src/lib/secp256k1.js'
import { didDocument, postJson, registration, unknownAccount } from '../support/devnet-account.js'
import { keyholder } from './keyholder.js'
import { localNode, type LocalNode } from './local-node.js'
import { openWorld, PROVIDER, type World } from './world.js'

const PATH = `/syncDone/${PROVIDER}`

let world: World
let node: LocalNode
const owner = keyholder()

beforeAll(async () => {
  world = await openWorld()
  node = await localNode(world)
}, 120_000)
afterAll(async () => {
  await node.close()
  await world.close()
})

type Claims = Readonly<Record<string, unknown>>
interface Forged {
  readonly claims?: Claims
  readonly header?: object
  readonly body?: string
  readonly privateKey?: Buffer
  readonly did?: string
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const bodyOf = (did: string): string => JSON.stringify({ did })

/** A token made by hand, so that every part of it can be wrong. `undefined` strips a claim. */
function token({
  claims = {},
  header,
  body,
  privateKey = owner.privateKey,
  did = owner.did,
}: Forged = {}): string {
  const iat = Math.floor(Date.now() / 1000)
  const whole = {
    iss: did,
    aud: node.url,
    iat,
    exp: iat + 120,
    jti: randomBytes(16).toString('hex'),
    htm: 'POST',
    htu: `${node.url}${PATH}`,
    bh: bodyHash(body ?? bodyOf(did)),
    ...claims,
  }
  const input = `${part(header ?? { alg: 'ES256K', typ: 'JWT' })}.${part(whole)}`
  const { bytes } = signDigest(sha256(input), privateKey)
  return `${input}.${Buffer.from(bytes).toString('base64url')}`
}

async function send(jwt: string, { body, path = PATH }: { body?: string; path?: string } = {}) {
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' }
  const answer = await fetch(node.url + path, { method: 'POST', headers, body: body ?? bodyOf(owner.did) })
  const { error } = (await answer.json()) as { error?: { code: string } }
  return error === undefined ? answer.status : `${answer.status} ${error.code}`
}

const refused = '401 UNAUTHENTICATED'

describe('an owner-signed request', () => {
  it('is taken once', async () => {
    const jwt = token()
    expect(await send(jwt)).toBe(200)
    expect(await send(jwt)).toBe(refused)
  })

  it('is taken once of many at the same moment', async () => {
    const jwt = token()
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(jwt)))
    expect(answers.filter((answer) => answer === 200)).toHaveLength(1)
  })

  const now = Math.floor(Date.now() / 1000)
  it.each<[string, unknown]>([
    ['iss', `did:vda:testnet:0x${'1'.repeat(40)}`],
    ['aud', 'https://other.node.test'],
    ['iat', now + 3_600],
    ['exp', now + 3_600],
    ['jti', 'with\u0000NUL'],
    ['htm', 'GET'],
    ['htu', 'http://127.0.0.1/syncDone/other'],
    ['bh', bodyHash('{}')],
  ])('is refused when %s is altered, missing, or of another type', async (claim, other) => {
    expect(await send(token({ claims: { [claim]: other } }))).toBe(refused)
    expect(await send(token({ claims: { [claim]: undefined } }))).toBe(refused)
    expect(await send(token({ claims: { [claim]: [other] } }))).toBe(refused)
  })

  it('is refused when its signature is altered, stripped, or of another key or algorithm', async () => {
    const jwt = token()
    const [header = '', payload = '', signature = ''] = jwt.split('.')
    const flipped = Buffer.from(signature, 'base64url')
    flipped.writeUInt8(flipped.readUInt8(40) ^ 1, 40)
    expect(await send(`${header}.${payload}.${flipped.toString('base64url')}`)).toBe(refused)
    expect(await send(`${header}.${payload}.`)).toBe(refused)
    expect(await send(`${header}.${payload}`)).toBe(refused)
    expect(await send(token({ privateKey: randomBytes(32) }))).toBe(refused)
    for (const alg of ['none', 'HS256', 'ES256'])
      expect(await send(token({ header: { alg, typ: 'JWT' } }))).toBe(refused)
    const jwk = { kty: 'EC', x: Buffer.from(publicKeyOf(owner.privateKey)).toString('base64url') }
    expect(await send(token({ header: { alg: 'ES256K', typ: 'JWT', jwk } }))).toBe(refused)
    // None of these used the id of the good one up.
    expect(await send(jwt)).toBe(200)
  })

  it.each([
    ['ten minutes old', -600],
    ['ten minutes ahead', 600],
  ])('is refused when its clock is %s', async (_what, seconds) => {
    const iat = Math.floor(Date.now() / 1000) + seconds
    expect(await send(token({ claims: { iat, exp: iat + 120 } }))).toBe(refused)
  })

  it('is refused with another body, and at another address', async () => {
    expect(await send(token(), { body: JSON.stringify({ did: owner.did, forget: true }) })).toBe(refused)
    expect(await send(token(), { path: '/syncDone/facebook' })).toBe(refused)
  })

  it('may only name its own DID', async () => {
    const body = bodyOf(keyholder().did)
    expect(await send(token({ body }), { body })).toBe('403 FORBIDDEN')
  })

  it('is the same owner in every spelling of the DID', async () => {
    const address = owner.did.slice(-42)
    const checksummed = owner.did.replace(address, `0x${address.slice(2).toUpperCase()}`)
    for (const did of [checksummed, owner.did.toUpperCase(), address]) {
      const body = bodyOf(did)
      expect(await send(token({ did, body }), { body })).toBe(200)
    }
    // A spelling is no way around "once".
    const claims = { jti: randomBytes(16).toString('hex') }
    const body = bodyOf(checksummed)
    expect(await send(token({ claims }))).toBe(200)
    expect(await send(token({ claims, did: checksummed, body }), { body })).toBe(refused)
  })

  it('is never taken while the registry does not answer, and good again when it does', async () => {
    const jwt = token()
    await world.devnet.hub.stop()
    try {
      expect(await send(jwt)).toBe('503 RESOLVER_DOWN')
    } finally {
      await world.devnet.hub.start()
    }
    expect(await send(jwt)).toBe(200)
  })

  it('may be signed by a context key that the DID document names, and by no other key of it', async () => {
    const account = unknownAccount(41)
    const [sign, asym] = [randomBytes(32), randomBytes(32)]
    const keyOf = (privateKey: Buffer) => `0x${Buffer.from(publicKeyOf(privateKey)).toString('hex')}`
    const context = `${account.did}?context=0x${'ab'.repeat(32)}`
    const verificationMethod = [
      { id: account.did, publicKeyHex: keyOf(account.key) },
      { id: `${context}&type=sign`, publicKeyHex: keyOf(sign) },
      { id: `${context}&type=asym`, publicKeyHex: keyOf(asym) },
    ]
    const document = didDocument(account, world.devnet, { verificationMethod } as object)
    const endpoints = world.devnet.didEndpoints.map((endpoint) => `${endpoint}${account.did}`)
    for (const endpoint of endpoints) expect((await postJson(endpoint, { document })).status).toBe(200)
    const params = [registration(account, endpoints)]
    await postJson(world.devnet.rpcUrl, { id: 1, method: 'eth_sendRawTransaction', params })
    const body = bodyOf(account.did)
    const by = (privateKey: Buffer) => send(token({ did: account.did, privateKey, body }), { body })
    expect(await by(sign)).toBe(200)
    expect(await by(account.key)).toBe(200)
    expect(await by(asym)).toBe(refused)
    expect(await by(owner.privateKey)).toBe(refused)
  })
})

describe('the DID of the old GET forms', () => {
  it('is the same owner in every spelling: one connection, and one run', async () => {
    const address = owner.did.slice(-42)
    const spellings = [owner.did, owner.did.toUpperCase(), `0x${address.slice(2).toUpperCase()}`, address]
    const capsules = await owner.at(node.url).connect(PROVIDER)
    const answers: unknown[] = []
    for (const did of spellings) {
      const query = new URLSearchParams({ did, key: owner.key, ...capsules }).toString()
      const answer = await fetch(`${node.url}/sync/${PROVIDER}?${query}`)
      expect(answer.status).toBe(200)
      answers.push(await answer.json())
    }
    const [first, ...others] = answers as readonly { did: string; syncRequestId: string }[]
    for (const other of others) expect(other).toEqual(first)
    expect(first?.did).toBe(owner.did)
    await owner.at(node.url).ended(PROVIDER, first?.syncRequestId ?? '')
  })
})

/** Last: the node is another process's successor from here on, at the same address. */
describe('after a restart', () => {
  let capsules: LinkCapsules
  const used: string[] = []
  let cutOff: string

  beforeAll(async () => {
    const http = owner.at(node.url)
    capsules = await http.connect(PROVIDER)
    used.push(token())
    expect(await send(used[0] ?? '')).toBe(200)
    world.sandbox.admin.setFault({ route: 'posts', fault: { kind: 'hang' }, times: Infinity })
    cutOff = (await http.syncByPost(PROVIDER, capsules)).syncRequestId
    const { port } = new URL(node.url)
    await node.close()
    world.sandbox.admin.clearFaults()
    node = await localNode(world, { PORT: port, VAULT_LEGACY_GET: 'off' })
  }, 60_000)

  it('a used request is still used', async () => {
    expect(await send(used[0] ?? '')).toBe(refused)
  })

  it('a sync that it cut off says so', async () => {
    expect(await owner.at(node.url).status(PROVIDER, cutOff)).toMatchObject({
      status: 'interrupted',
      error: { code: 'INTERRUPTED' },
    })
  })

  it('capsules from before it still sync', async () => {
    const http = owner.at(node.url)
    const { syncRequestId } = await http.syncByPost(PROVIDER, capsules)
    expect(await http.ended(PROVIDER, syncRequestId)).toMatchObject({ status: 'complete' })
  })

  it.each(['sync', 'syncDone'])(
    'GET /%s is gone when the old forms are off, and says what to use',
    async (name) => {
      const query = new URLSearchParams({ did: owner.did, key: owner.key, ...capsules })
      const answer = await fetch(`${node.url}/${name}/${PROVIDER}?${query.toString()}`)
      const text = await answer.text()
      expect(answer.status).toBe(410)
      expect(JSON.parse(text)).toMatchObject({
        error: { code: 'GONE', message: expect.stringContaining('POST /syncStart') as string },
      })
      for (const secret of [owner.key, capsules.accessToken, capsules.refreshToken])
        expect(text + node.log()).not.toContain(secret)
      expect(answer.headers.get('cache-control')).toBe('no-store')
    },
  )
})
