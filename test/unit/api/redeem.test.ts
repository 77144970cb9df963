import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve } from '../../../src/devnet/sandbox-service/index.js'
import { openBench, owner, strangerKey, vaultKey, VAULT, type ConnectBench } from '../connect/bench.js'
import { buttonOf, locationOf, openBrowser } from '../connect/browser.js'

let bench: ConnectBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

/** Connects by flow=code; gives the code and the verifier that opens it. */
async function begin(): Promise<{ code: string; verifier: string; link: string }> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const browser = openBrowser()
  const query = new URLSearchParams({ did: owner, key: vaultKey.toString('hex'), flow: 'code', challenge })
  const out = await browser.get(`${bench.origin}/connect/sandbox?${query.toString()}`)
  const back = await approve(locationOf(out).href)
  const link = buttonOf(await (await browser.get(back)).text()) ?? ''
  return { code: new URL(link).searchParams.get('code') ?? '', verifier, link }
}

async function redeem(
  body: object,
  key?: Buffer,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const text = JSON.stringify(body)
  const answer = await fetch(`${bench.origin}/connect/redeem`, {
    method: 'POST',
    body: text,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${bench.sign('/connect/redeem', text, key)}`,
    },
  })
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
}

const another = (): string => randomBytes(32).toString('base64url')

describe('the one-time code', () => {
  it('is all that the link carries, beside provider and node', async () => {
    const { link, code } = await begin()
    expect(link).toBe(`${VAULT}?provider=sandbox&code=${code}&node=${encodeURIComponent(bench.origin)}`)
    expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('gives its owner both capsules, once', async () => {
    const { code, verifier } = await begin()
    const first = await redeem({ code, verifier })
    expect(first.status).toBe(200)
    const { provider, accessToken, refreshToken } = first.json as Record<string, string>
    const values = { provider: provider!, accessToken: accessToken!, refreshToken: refreshToken! }
    const link = `${VAULT}?${new URLSearchParams(values).toString()}`
    expect(bench.open(link).content.account?.id).toBe('maya')
    const second = await redeem({ code, verifier })
    expect([second.status, second.json]).toMatchObject([410, { error: { code: 'GONE' } }])
  })

  it('is given to one of many at the same moment', async () => {
    const { code, verifier } = await begin()
    const all = await Promise.all(Array.from({ length: 4 }, () => redeem({ code, verifier })))
    expect(all.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410])
  })

  it('is refused to another owner, who holds even the verifier', async () => {
    const { code, verifier } = await begin()
    const stolen = await redeem({ code, verifier }, strangerKey)
    expect([stolen.status, stolen.json]).toMatchObject([403, { error: { code: 'FORBIDDEN' } }])
    expect((await redeem({ code, verifier })).status).toBe(200)
  })

  it('is burnt by the fifth wrong try, of whatever kind', async () => {
    const { code, verifier } = await begin()
    for (const key of [undefined, strangerKey, undefined, strangerKey, undefined])
      expect((await redeem({ code, verifier: another() }, key)).status).toBe(403)
    expect((await redeem({ code, verifier })).status).toBe(410)
  })

  it('ends after ten minutes', async () => {
    const { code, verifier } = await begin()
    bench.clock.add(10 * 60_000 + 1)
    expect((await redeem({ code, verifier })).status).toBe(410)
  })

  it('tells nothing about a code that was never given out', async () => {
    expect((await redeem({ code: another(), verifier: another() })).status).toBe(410)
  })

  it.each([
    ['unsigned', { authorization: '' }, 401],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('is not redeemed %s', async (_what, headers, status) => {
    const { code, verifier } = await begin()
    const body = JSON.stringify({ code, verifier })
    const signed = `Bearer ${bench.sign('/connect/redeem', body)}`
    const answer = await fetch(`${bench.origin}/connect/redeem`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: signed, ...headers },
    })
    expect(answer.status).toBe(status)
    expect((await redeem({ code, verifier })).status).toBe(200)
  })

  it.each([
    ['a verifier that is none', { code: 'x', verifier: 'short' }],
    ['a list for a text', { code: ['x'], verifier: 'a'.repeat(43) }],
    ['members that are not asked for', { code: 'x', verifier: 'a'.repeat(43), did: owner }],
  ])('refuses %s', async (_what, body) => {
    expect(await redeem(body)).toMatchObject({ status: 400, json: { error: { code: 'REQUEST_INVALID' } } })
  })

  it('is kept as a hash, its capsules sealed', async () => {
    const { code, verifier } = await begin()
    const kept = JSON.stringify(await bench.store.db.selectFrom('redeemCodes').selectAll().execute())
    expect(kept).not.toContain(code)
    const { json } = await redeem({ code, verifier })
    expect(kept).not.toContain(json['accessToken'])
    expect(bench.logged()).not.toContain(code)
    expect(bench.logged()).not.toContain(json['accessToken'])
  })
})
