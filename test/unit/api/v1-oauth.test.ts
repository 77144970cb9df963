/** Sign-ins of tenants' connectors: bound to tenant, connector and browser; good once; and never another surface's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, type Decision } from '../../../src/devnet/sandbox-service/index.js'
import { connectorCredentials } from '../../../src/store/index.js'
import { owner } from '../connect/bench.js'
import { locationOf, openBrowser, type Browser } from '../connect/browser.js'
import { APPLICATION, openConnectorBench, type ConnectorBench } from '../connectors/bench.js'

let bench: ConnectorBench
beforeAll(async () => {
  bench = await openConnectorBench()
})
afterAll(() => bench.close())

async function authorize(body: object = {}) {
  const { status, json } = await bench.call('POST', '/v1/oauth/sandbox/authorize', { body })
  expect(status).toBe(200)
  return { url: String(json['authorize_url']), id: String(json['connector']?.['id']) }
}

/** From the application's link to where the provider sends the browser back to. */
async function consent(browser: Browser, url: string, decision?: Decision): Promise<string> {
  return approve(locationOf(await browser.get(url)).href, decision)
}

const codeOf = async (answer: Response): Promise<unknown> =>
  ((await answer.json()) as { error?: { code?: string } }).error?.code
const json = { accept: 'application/json' }
const statusOf = async (id: string) => (await bench.call('GET', `/v1/connectors/${id}`)).json['status']

describe('a sign-in', () => {
  it('makes a connector, and leads the person back to the application with its state', async () => {
    const { url, id } = await authorize({
      display_name: 'By sign-in',
      sync_frequency: 'daily',
      redirect_url: `${APPLICATION}?page=2`,
      state: 'session-7',
    })
    expect(await statusOf(id)).toBe('pending')
    const browser = openBrowser()
    const start = await browser.get(url)
    expect(start.headers.get('set-cookie')).toMatch(/^cn-browser=.*HttpOnly; SameSite=Lax/)
    expect(start.headers.get('referrer-policy')).toBe('no-referrer')
    expect(locationOf(start).searchParams.get('redirect_uri')).toBe(
      `${bench.origin}/v1/oauth/sandbox/callback`,
    )
    const back = await browser.get(await approve(locationOf(start).href))
    expect(back.status).toBe(302)
    const expected = `${APPLICATION}?page=2&state=session-7&connector_id=${id}&status=connected`
    expect(back.headers.get('location')).toBe(expected)
    const { json: connector } = await bench.call('GET', `/v1/connectors/${id}`)
    expect(connector).toMatchObject({ status: 'active', display_name: 'By sign-in' })
    expect(connector['next_run_at']).not.toBeNull()
    const { json: health } = await bench.call('GET', `/v1/connectors/${id}/health`)
    expect(health).toMatchObject({ account: { id: 'maya' }, token: { state: 'valid' } })
  })

  it('connects one that is there, with a page when the application named no address', async () => {
    const made = await bench.call('POST', '/v1/connectors', { body: { connector_type: 'sandbox' } })
    const id = String(made.json['id'])
    const asked = await bench.call('GET', `/v1/oauth/sandbox/authorize?connector_id=${id}`)
    const browser = openBrowser()
    const page = await browser.get(await consent(browser, String(asked.json['authorize_url'])))
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('Sandbox is connected')
    expect(await statusOf(id)).toBe('active')
  })

  it('keeps no code, state or link in the log', async () => {
    const { url } = await authorize()
    const browser = openBrowser()
    const back = await consent(browser, url)
    await browser.get(back)
    for (const secret of [
      new URL(url).searchParams.get('ticket') ?? '?',
      new URL(back).searchParams.get('code') ?? '?',
      new URL(back).searchParams.get('state') ?? '?',
    ])
      expect(bench.logged()).not.toContain(secret)
  })

  it('that is declined tells the application, and keeps nothing', async () => {
    const { url, id } = await authorize({ redirect_url: APPLICATION })
    const browser = openBrowser()
    const back = await browser.get(await consent(browser, url, { allow: false }))
    expect(back.headers.get('location')).toBe(
      `${APPLICATION}?connector_id=${id}&status=failed&error=CONSENT_DENIED`,
    )
    expect(await statusOf(id)).toBe('pending')
    expect(await bench.store.tenant('acme', (tx) => connectorCredentials.list(tx, id))).toEqual([])
  })

  it('for another account than the connector holds is refused, and changes nothing', async () => {
    const { url, id } = await authorize()
    const browser = openBrowser()
    await browser.get(await consent(browser, url))
    const again = await authorize({ connector_id: id })
    const back = await consent(browser, again.url, { person: 'jonas' })
    const answer = await browser.get(back, json)
    expect([answer.status, await codeOf(answer)]).toEqual([409, 'ACCOUNT_DIFFERS'])
    const { json: health } = await bench.call('GET', `/v1/connectors/${id}/health`)
    expect(health).toMatchObject({ status: 'active', account: { id: 'maya' } })
  })

  it('leaves a paused connector paused', async () => {
    const { url, id } = await authorize()
    const browser = openBrowser()
    await browser.get(await consent(browser, url))
    await bench.call('POST', `/v1/connectors/${id}/pause`)
    const again = await authorize({ connector_id: id })
    await browser.get(await consent(browser, again.url))
    expect(await statusOf(id)).toBe('paused')
  })
})

describe('refused is', () => {
  it('a link that was used', async () => {
    const { url } = await authorize()
    await openBrowser().get(url)
    const second = await openBrowser().get(url, json)
    expect([second.status, await codeOf(second)]).toEqual([400, 'STATE_UNKNOWN'])
  })

  it('a link after ten minutes, or with another ending', async () => {
    const { url } = await authorize()
    const forged = await openBrowser().get(`${url.slice(0, -3)}AAA`, json)
    expect([forged.status, await codeOf(forged)]).toEqual([400, 'STATE_UNKNOWN'])
    bench.clock.add(10 * 60_000 + 1)
    const late = await openBrowser().get(url, json)
    expect([late.status, await codeOf(late)]).toEqual([400, 'STATE_EXPIRED'])
  })

  it('a return in another browser, and a second return', async () => {
    const { url, id } = await authorize()
    const browser = openBrowser()
    const back = await consent(browser, url)
    const other = await openBrowser().get(back, json)
    expect([other.status, await codeOf(other)]).toEqual([400, 'STATE_UNKNOWN'])
    expect(await statusOf(id)).toBe('pending')
    expect((await browser.get(back, json)).status).toBe(200)
    const again = await browser.get(back, json)
    expect([again.status, await codeOf(again)]).toEqual([400, 'STATE_UNKNOWN'])
  })

  it('a return to a connector that was deleted meanwhile', async () => {
    const { url, id } = await authorize()
    const browser = openBrowser()
    const back = await consent(browser, url)
    await bench.call('DELETE', `/v1/connectors/${id}`)
    const answer = await browser.get(back, json)
    expect([answer.status, await codeOf(answer)]).toEqual([400, 'STATE_UNKNOWN'])
  })

  it('a connector’s sign-in at the Vault’s address, and a Vault’s at the connector’s, before any code is exchanged', async () => {
    const { url } = await authorize()
    const browser = openBrowser()
    const mine = new URL(await consent(browser, url))
    const vaults = new URL(await consent(browser, `${bench.origin}/connect/sandbox?did=${owner}`))
    const exchanges = bench.sandbox.admin.counts().calls.token
    const atVault = await browser.get(`${bench.origin}/auth/sandbox${mine.search}`, json)
    expect([atVault.status, await codeOf(atVault)]).toEqual([400, 'STATE_UNKNOWN'])
    const atConnector = await browser.get(`${bench.origin}/v1/oauth/sandbox/callback${vaults.search}`, json)
    expect([atConnector.status, await codeOf(atConnector)]).toEqual([400, 'STATE_UNKNOWN'])
    expect(bench.sandbox.admin.counts().calls.token).toBe(exchanges)
  })

  it.each([
    ['an address of no listed origin', { redirect_url: 'https://evil.test/' }, 400, 'REDIRECT_REFUSED'],
    ['a member that is not known', { tenant: 'other' }, 400, 'REQUEST_INVALID'],
    ['a frequency that is none', { sync_frequency: 'often' }, 400, 'REQUEST_INVALID'],
  ])('%s', async (_what, body, status, code) => {
    const answer = await bench.call('POST', '/v1/oauth/sandbox/authorize', { body })
    expect([answer.status, answer.json['error']?.['code']]).toEqual([status, code])
  })

  it('a GET that names no connector, changes beside one that is there, and an unknown type', async () => {
    expect((await bench.call('GET', '/v1/oauth/sandbox/authorize')).status).toBe(400)
    const { id } = await authorize()
    const body = { connector_id: id, display_name: 'Other' }
    expect((await bench.call('POST', '/v1/oauth/sandbox/authorize', { body })).status).toBe(400)
    expect((await bench.call('POST', '/v1/oauth/nobody/authorize', { body: {} })).status).toBe(400)
  })
})
