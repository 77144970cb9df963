/** What the books and payment services have of their own: units, cursors that end, choices of an account. The rest is the suite's. */
import { describe, expect, it } from 'vitest'
import { provider as quickbooks } from '../../../../providers/quickbooks/index.js'
import { provider as sage } from '../../../../providers/sage/index.js'
import { amountText } from '../../../../providers/stripe/amounts.js'
import { provider as stripe } from '../../../../providers/stripe/index.js'
import { provider as xero } from '../../../../providers/xero/index.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import {
  Redacted,
  type FetchContext,
  type Page,
  type Provider,
  type ProviderHttp,
} from '../../../../src/provider/index.js'
import { unusedHttp } from '../../../support/unused-http.js'

const NOW = Date.UTC(2026, 2, 2)

/** Answers every call by its path, and notes the addresses. */
function answering(bodies: Readonly<Record<string, Json>>) {
  const asked: URL[] = []
  const answer: ProviderHttp['get'] = async (address, options) => {
    const url = new URL(address)
    for (const [name, value] of Object.entries(options?.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value))
    asked.push(url)
    const body = Object.entries(bodies).find(([path]) => url.pathname.endsWith(path))
    if (body === undefined) throw new Error(`nothing answers ${url.pathname}`)
    return { status: 200, headers: {}, json: body[1] }
  }
  const post: ProviderHttp['post'] = (url, _body, options) => answer(url, options)
  return { asked, http: { get: answer, post, delete: answer, ...unusedHttp } satisfies ProviderHttp }
}

const texts = { realmId: '77', organisation: '', business: '' }
const context: FetchContext = {
  settings: {
    clientId: 'id',
    clientSecret: new Redacted('secret'),
    apiOrigin: 'https://quickbooks.api.intuit.com',
  },
  fields: { texts, secrets: {} },
  account: { id: 'tenant-1', name: 'One' },
  now: NOW,
  signal: new AbortController().signal,
  partition: '',
}

function read(provider: Provider, name: string, http: ProviderHttp, cursor?: Json): Promise<Page<Json>> {
  const stream = provider.streams.find((one) => one.name === name)
  if (stream === undefined) throw new Error(`no stream ${name}`)
  return stream.fetchPage(http, cursor, context)
}

describe('stripe', () => {
  it.each([
    [1099, 'EUR', '10.99'],
    [500, 'JPY', '500'],
    [500, 'MGA', '500'],
    [500, 'ISK', '5.00'],
    [500, 'UGX', '5.00'],
    [5120, 'KWD', '5.120'],
  ])('counts %i %s as %s', (minor, currency, text) => {
    expect(amountText(minor, currency)).toBe(text)
  })

  it('reads the list again as long as no event could be noted', async () => {
    const { http, asked } = answering({
      '/events': { data: [], has_more: false },
      '/payouts': { data: [], has_more: false },
    })
    const first = await read(stripe, 'payouts', http)
    expect(first).toEqual({ items: [], cursor: { anchor: null }, more: false })
    expect(await read(stripe, 'payouts', http, first.cursor)).toEqual(first)
    expect(asked.filter(({ pathname }) => pathname === '/v1/payouts')).toHaveLength(2)
  })

  it('stops at a list that goes on after an object without an id', async () => {
    const { http } = answering({
      '/events': { data: [], has_more: false },
      '/payouts': { data: [{}], has_more: true },
    })
    await expect(read(stripe, 'payouts', http)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })
})

describe('quickbooks', () => {
  const row = (id: number, created: string) => ({
    Id: `${id}`,
    MetaData: { CreateTime: created, LastUpdatedTime: created },
  })
  const query = (rows: Json) => ({ '/query': { QueryResponse: { Account: rows } } })

  it('goes on within one second by position, and to the next by its time', async () => {
    const created = '2026-01-01T08:00:00-08:00'
    const cursor = {
      created: '2026-01-01T16:00:00Z',
      position: 501,
      met: ['1'],
      runAt: '2026-03-01T00:00:00.000Z',
    }
    const { http, asked } = answering(query([row(1, created), row(2, created)]))
    const page = await read(quickbooks, 'accounts', http, cursor)
    expect(page).toMatchObject({ items: [{ Id: '2' }], cursor: { ...cursor, position: 503 }, more: true })
    expect(asked[0]?.searchParams.get('query')).toContain("MetaData.CreateTime >= '2026-01-01T16:00:00Z'")
    const later = answering(query([row(1, created), row(3, '2026-01-01T08:00:01-08:00')]))
    expect((await read(quickbooks, 'accounts', later.http, cursor)).cursor).toMatchObject({
      created: '2026-01-01T16:00:01Z',
      position: 1,
      met: ['3'],
    })
  })

  it('ends when only rows that were met come again, and then asks for changes', async () => {
    const cursor = {
      created: '2026-01-01T16:00:00Z',
      position: 1,
      met: ['1'],
      runAt: '2026-03-01T00:05:00.000Z',
    }
    const { http } = answering(query([row(1, '2026-01-01T08:00:00-08:00')]))
    expect(await read(quickbooks, 'accounts', http, cursor)).toEqual({
      items: [],
      cursor: { since: '2026-03-01T00:00:00.000Z' },
      more: false,
    })
  })

  it('reads everything anew when changes are no longer told, or more than are told', async () => {
    const old = { since: '2026-01-01T00:00:00.000Z' }
    await expect(read(quickbooks, 'accounts', answering({}).http, old)).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
    const rows = Array.from({ length: 1_000 }, (_, id) => row(id, '2026-03-01T08:00:00-08:00'))
    const changes = {
      CDCResponse: [{ QueryResponse: [{ Account: rows }] }],
      time: '2026-03-02T00:00:00.000-08:00',
    }
    const { http } = answering({ '/cdc': changes })
    const fresh = { since: '2026-03-01T00:00:00.000Z' }
    await expect(read(quickbooks, 'accounts', http, fresh)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  })
})

describe('xero', () => {
  const tenant = (id: string, name: string, updatedDateUtc: string, tenantType = 'ORGANISATION') => ({
    tenantId: id,
    tenantName: name,
    tenantType,
    createdDateUtc: '2025-01-01T00:00:00.0000000',
    updatedDateUtc,
  })
  const { http } = answering({
    '/connections': [
      tenant('a', 'Alpha', '2026-01-01T00:00:00.0000000'),
      tenant('b', 'Beta', '2026-02-01T00:00:00.0000000'),
      tenant('p', 'Practice', '2026-03-01T00:00:00.0000000', 'PRACTICE'),
    ],
  })
  const account = (organisation: string) =>
    xero.account(http, { settings: context.settings, fields: { texts: { organisation }, secrets: {} } })

  it.each([
    ['', 'b'],
    ['Alpha', 'a'],
    ['a', 'a'],
  ])('takes for %j the organisation %s', async (wanted, id) => {
    expect((await account(wanted)).id).toBe(id)
  })
  it.each(['Gamma', 'Practice'])('does not find %s', async (wanted) => {
    await expect(account(wanted)).rejects.toMatchObject({ code: 'SCOPE_MISSING' })
  })

  it('shows live no organisation but its own, and says that payments cannot be searched', async () => {
    const { http: own, asked } = answering({
      '/connections': [tenant('tenant-1', 'One', '2026-01-01T00:00:00')],
    })
    const read = xero.browse?.items(own, { limit: 5, containerId: 'another' }, context)
    expect([await read, asked]).toEqual([{ data: [] }, []])
    const searched = xero.browse?.items(own, { limit: 5, kind: 'payment', search: 'x' }, context)
    await expect(searched).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' })
  })

  it('uses page numbers only within one second', async () => {
    const contact = (id: string, ms: number) => ({ ContactID: id, UpdatedDateUTC: `/Date(${ms}+0000)/` })
    const pages = (rows: Json) =>
      answering({ '/Contacts': { Contacts: rows, pagination: { page: 1, pageCount: 9 } } }).http
    const at = { sinceMs: 1_772_000_000_000, page: 1, met: ['a'] }
    const same = [contact('a', 1_772_000_000_100), contact('b', 1_772_000_000_900)]
    expect(await read(xero, 'contacts', pages(same), at)).toMatchObject({
      items: [{ ContactID: 'b' }],
      cursor: { ...at, page: 2 },
      more: true,
    })
    const next = [contact('b', 1_772_000_000_900), contact('c', 1_772_000_001_000)]
    expect((await read(xero, 'contacts', pages(next), at)).cursor).toEqual({
      sinceMs: 1_772_000_001_000,
      page: 1,
      met: ['c'],
    })
  })
})

describe('sage', () => {
  const list = {
    $items: [
      { id: 'x', displayed_as: 'Ex' },
      { id: 'y', displayed_as: 'Why' },
    ],
  }
  const account = (business: string) =>
    sage.account(answering({ '/businesses': list }).http, {
      settings: context.settings,
      fields: { texts: { business }, secrets: {} },
    })

  it.each([
    ['', 'x'],
    ['Why', 'y'],
    ['y', 'y'],
  ])('takes for %j the business %s', async (wanted, id) => {
    expect((await account(wanted)).id).toBe(id)
  })
  it('does not take one for another', async () => {
    await expect(account('Zed')).rejects.toMatchObject({ code: 'SCOPE_MISSING' })
  })

  it('asks for what was deleted only after the first run, and where the list can say', async () => {
    const empty = { $items: [], $next: null }
    const { http, asked } = answering({ '/contacts': empty, '/ledger_accounts': empty })
    const first = await read(sage, 'contacts', http)
    expect(first).toMatchObject({
      more: false,
      cursor: { since: '2026-03-01T23:55:00.000Z', phase: 'changed' },
    })
    const second = await read(sage, 'contacts', http, first.cursor)
    expect(second).toMatchObject({ more: true, cursor: { phase: 'deleted' } })
    expect(await read(sage, 'contacts', http, second.cursor)).toMatchObject({ more: false, deletedIds: [] })
    expect(asked.map(({ searchParams }) => searchParams.get('deleted_since'))).toEqual([
      null,
      null,
      '2026-03-01T23:55:00.000Z',
    ])
    const accounts = await read(sage, 'accounts', http)
    expect(await read(sage, 'accounts', http, accounts.cursor)).toMatchObject({ more: false })
  })
})
