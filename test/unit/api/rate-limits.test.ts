import { Router } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { errorHandler } from '../../../src/api/errors/error-handler.js'
import { rateLimits, type RateLimitOptions } from '../../../src/api/http/rate-limits.js'
import { createApp } from '../../../src/app.js'
import { silentLog } from '../../../src/lib/log.js'
import { signOwnerJwt } from '../../../src/lib/owner-jwt.js'
import { closed, didOf, listen, ownerKey, strangerKey } from '../connect/bench.js'

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

async function open(options: Omit<RateLimitOptions, 'network'>): Promise<string> {
  const router = Router()
  router.all('{*path}', (_req, res) => void res.json({}))
  const listening = await listen()
  const { server, origin } = listening
  stop = () => closed(server)
  const routers = [rateLimits({ network: 'testnet', ...options }), router]
  // One proxy in front: the tests are callers of different addresses.
  listening.serve(
    createApp({ log: silentLog, trustProxy: 1, routers, errorHandler: errorHandler({ log: silentLog }) }),
  )
  return origin
}

const from = (address: string, init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: { ...(init.headers as Record<string, string>), 'x-forwarded-for': address },
})
const did = didOf(ownerKey)

describe('rate limits', () => {
  it('stop one caller, say when to come back, and leave others alone', async () => {
    const origin = await open({ perAddress: 3, perDid: 100 })
    const ask = (address: string) => fetch(`${origin}/connect/sandbox`, from(address))
    for (let turn = 0; turn < 3; turn += 1) expect((await ask('192.0.2.1')).status).toBe(200)
    const refused = await ask('192.0.2.1')
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ error: { code: 'TOO_MANY_REQUESTS' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect((await ask('192.0.2.2')).status).toBe(200)
  })

  it('count a whole IPv6 network of one customer as one caller', async () => {
    const origin = await open({ perAddress: 1, perDid: 100 })
    const ask = (address: string) => fetch(`${origin}/sync/sandbox`, from(address))
    expect((await ask('2001:db8:1:1::1')).status).toBe(200)
    expect((await ask('2001:db8:1:1::2')).status).toBe(429)
  })

  it('count a DID over all callers and spellings, in a query, a body or a signature', async () => {
    const origin = await open({ perAddress: 100, perDid: 3 })
    const shouted = did.replace(/[a-f0-9]{40}$/, (address) => address.toUpperCase())
    const json = { 'content-type': 'application/json' }
    const signed = signOwnerJwt({
      privateKey: ownerKey,
      did,
      method: 'POST',
      url: `${origin}/connect/redeem`,
      body: '{}',
      audience: origin,
      now: Date.now(),
    })
    const calls: readonly [string, RequestInit][] = [
      [`/connect/sandbox?did=${did}`, from('192.0.2.1')],
      [`/sync/sandbox?did=${shouted}`, from('192.0.2.2')],
      [
        '/syncStart/sandbox',
        from('192.0.2.3', { method: 'POST', headers: json, body: JSON.stringify({ did }) }),
      ],
    ]
    for (const [path, init] of calls) expect((await fetch(origin + path, init)).status).toBe(200)
    const redeem = from('192.0.2.4', {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${signed}` },
      body: '{}',
    })
    expect((await fetch(`${origin}/connect/redeem`, redeem)).status).toBe(429)
    expect(
      (await fetch(`${origin}/connect/sandbox?did=${didOf(strangerKey)}`, from('192.0.2.5'))).status,
    ).toBe(200)
  })

  it('do not let one caller use up the DID of another', async () => {
    const origin = await open({ perAddress: 3, perDid: 5 })
    const ask = (address: string) => fetch(`${origin}/connect/sandbox?did=${did}`, from(address))
    for (let turn = 0; turn < 20; turn += 1) await ask('192.0.2.66')
    expect((await ask('192.0.2.7')).status).toBe(200)
  })

  it('leave alone what is cheap or waited on', async () => {
    const origin = await open({ perAddress: 1, perDid: 1 })
    for (const path of ['/syncStatus/sandbox/1', '/syncDone/sandbox', '/providers', '/'])
      for (let turn = 0; turn < 3; turn += 1)
        expect((await fetch(`${origin}${path}`, from('192.0.2.1'))).status).toBe(200)
  })
})
