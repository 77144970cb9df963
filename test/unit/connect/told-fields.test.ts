/** A Vault's sign-in at a service that is asked for a host and tells the rest: form, out, back, capsules. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { reveal } from '../../../src/provider/index.js'
import {
  API,
  ISSUER,
  startToldService,
  TOLD,
  toldEntry,
  type ToldService,
} from '../../support/told-service.js'
import { openBench, owner, vaultKey, type ConnectBench } from './bench.js'
import { buttonOf, locationOf, openBrowser } from './browser.js'

let service: ToldService
let bench: ConnectBench
beforeAll(async () => {
  service = await startToldService()
  bench = await openBench({ providers: () => [toldEntry], network: service.network })
})
beforeEach(() => service.answer({}))
afterAll(async () => {
  await bench.close()
  await service.close()
})

/** From the Vault's link to the page after the service's consent. */
async function connect(query: object = {}, back: Readonly<Record<string, string>> = TOLD) {
  const browser = openBrowser()
  const facts = new URLSearchParams({ did: owner, key: vaultKey.toString('hex'), ...query }).toString()
  const form = await (await browser.get(`${bench.origin}/connect/told?${facts}`)).text()
  const _state = /name="_state" value="([^"]+)"/.exec(form)?.[1] ?? ''
  const out = locationOf(await browser.post(`${bench.origin}/connect/told/form`, { _state, shop: 'acme' }))
  const state = out.searchParams.get('state') ?? ''
  const answer = await browser.get(
    `${bench.origin}/auth/told?${new URLSearchParams({ state, ...back }).toString()}`,
  )
  return { form, out, status: answer.status, page: await answer.text() }
}

it('asks for the host and for nothing that is told, and hands all of it over in capsules', async () => {
  const { form, out, status, page } = await connect({ streams: 'orders' })
  expect(form).toContain('name="shop"')
  expect(form).not.toMatch(/name="(company|api)"/)
  expect([out.origin, out.searchParams.get('scope')]).toEqual([ISSUER, 'always read_orders'])
  expect(status).toBe(200)
  const { tokens } = bench.open(buttonOf(page) ?? '').content
  expect(tokens?.fields?.texts).toEqual({ shop: 'acme.told.example', company: 'c-7', api: API })
  expect(tokens && reveal(tokens.accessToken)).toBe('canary-told-access-1')
  expect(page + bench.logged()).not.toContain('canary-told')
})

it('says on the page what was not granted', async () => {
  service.answer({ granted: 'always,read_orders' })
  expect((await connect()).page).toContain('To copy people')
})

it.each<readonly [string, Record<string, string>, number]>([
  ['another issuer', { ...TOLD, iss: 'https://other.told.example' }, 400],
  ['a callback that does not tell', { code: 'good', iss: ISSUER }, 502],
  ['a person who declines', { error: 'access_denied', iss: ISSUER }, 403],
])('hands nothing over after %s', async (_what, back, expected) => {
  const { status, page } = await connect({}, back)
  expect([status, buttonOf(page)]).toEqual([expected, undefined])
})
