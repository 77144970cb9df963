import express from 'express'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keepRawBody, ownerAuthenticator } from '../../../src/api/authentication/owner.js'
import { NodeError, toNodeError } from '../../../src/errors.js'
import { signOwnerJwt } from '../../../src/lib/owner-jwt.js'
import { addressOf as addressOfPublic, publicKeyOf } from '../../../src/lib/secp256k1.js'

const addressOf = (privateKey: Buffer): string => addressOfPublic(publicKeyOf(privateKey))
const key = Buffer.alloc(32, 7)
const other = Buffer.alloc(32, 8)
const did = `did:vda:testnet:${addressOf(key)}`
let origin = ''
let now = Date.UTC(2026, 0, 1)
let signers: readonly string[] | undefined
let resolver: 'up' | 'down' = 'up'
const used = new Set<string>()
let server: ReturnType<ReturnType<typeof express>['listen']>

beforeAll(async () => {
  const app = express()
  app.use(express.json({ verify: keepRawBody }))
  app.all('/thing/:id', async (req, res) => {
    const authenticate = ownerAuthenticator({
      audience: origin,
      network: 'testnet',
      clock: { now: () => now },
      useOnce: async (jti) => !used.has(jti) && used.add(jti).size > 0,
      signersOf: async () => {
        if (resolver === 'down') throw new NodeError('RESOLVER_DOWN')
        return signers
      },
    })
    res.json(
      await authenticate(req).then(
        (signer) => ({ signer }),
        (error: unknown) => ({ code: toNodeError(error).code }),
      ),
    )
  })
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())
beforeEach(() => {
  signers = undefined
  resolver = 'up'
  now = Date.UTC(2026, 0, 1)
})

const body = JSON.stringify({ a: 1 })
function token(changes: Partial<Parameters<typeof signOwnerJwt>[0]> = {}): string {
  return signOwnerJwt({
    privateKey: key,
    did,
    method: 'POST',
    url: `${origin}/thing/1`,
    body,
    audience: origin,
    now,
    ...changes,
  })
}
async function ask(
  jwt: string,
  changes: { method?: string; path?: string; body?: string } = {},
): Promise<unknown> {
  const method = changes.method ?? 'POST'
  const answer = await fetch(`${origin}${changes.path ?? '/thing/1'}`, {
    method,
    headers: { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: changes.body ?? body }),
  })
  return answer.json()
}
const refused = { code: 'UNAUTHENTICATED' }

describe('an owner-signed request', () => {
  it('is accepted once, for a DID that was never registered by the key of its address', async () => {
    const jwt = token()
    expect(await ask(jwt)).toEqual({ signer: did })
    expect(await ask(jwt)).toEqual(refused)
  })

  it.each([
    ['another method', () => ask(token(), { method: 'PUT' })],
    ['another path', () => ask(token(), { path: '/thing/2' })],
    ['another query', () => ask(token(), { path: '/thing/1?x=1' })],
    ['another body', () => ask(token(), { body: JSON.stringify({ a: 2 }) })],
    ['another node', () => ask(token({ audience: 'https://other.test' }))],
    ['a key that is not the DID’s', () => ask(token({ privateKey: other }))],
    ['a time ten minutes ago', () => ask(token({ now: now - 600_000 }))],
    ['a time ten minutes ahead', () => ask(token({ now: now + 600_000 }))],
    ['something that is no DID', () => ask(token({ did: 'did:web:example.test' }))],
    ['no signature', () => ask('not-a-token-at-all')],
  ])('is refused for %s', async (_what, send) => {
    expect(await send()).toEqual(refused)
  })

  it('accepts a key of the DID document and refuses the address once the document does not list it', async () => {
    signers = [addressOf(other)]
    expect(await ask(token({ privateKey: other }))).toEqual({ signer: did })
    expect(await ask(token())).toEqual(refused)
  })

  it('is never accepted while the registry does not answer, and stays usable', async () => {
    const jwt = token()
    resolver = 'down'
    expect(await ask(jwt)).toEqual({ code: 'RESOLVER_DOWN' })
    resolver = 'up'
    expect(await ask(jwt)).toEqual({ signer: did })
  })
})
