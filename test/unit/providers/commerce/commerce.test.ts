/** What the shops have of their own: pages that move, keys that open, limits told with 200, webhooks all or none. The rest is the suite's. */
import { describe, expect, it } from 'vitest'
import { provider as shopify } from '../../../../providers/shopify/index.js'
import { oauth2 as squareSignIn } from '../../../../providers/square/sign-in.js'
import { sum } from '../../../../providers/woocommerce/amounts.js'
import { provider as woocommerce } from '../../../../providers/woocommerce/index.js'
import { plainText } from '../../../../providers/woocommerce/plain-text.js'
import { lackingScopes } from '../../../../src/credentials/asked-scopes.js'
import { tokensOf } from '../../../../src/credentials/token-answer.js'
import type { Json, JsonObject } from '../../../../src/lib/canonical-json.js'
import {
  Redacted,
  type FetchContext,
  type Page,
  type Provider,
  type ProviderHttp,
} from '../../../../src/provider/index.js'
import { unusedHttp } from '../../../support/unused-http.js'

const context: FetchContext = {
  settings: { clientId: 'id', clientSecret: new Redacted('secret') },
  fields: { texts: { url: 'https://shop.test', shop: 'nadia.myshopify.com' }, secrets: {} },
  account: { id: 'shop', name: 'Shop' },
  now: Date.UTC(2026, 2, 2),
  signal: new AbortController().signal,
  partition: '',
}

interface Told {
  readonly body: Json
  readonly headers?: Record<string, string>
}

/** Answers the calls in turn, and notes what was sent. */
function answering(answers: readonly Told[]) {
  const left = [...answers]
  const sent: Json[] = []
  const answer = async (what: Json) => {
    sent.push(what)
    const next = left.shift()
    if (next === undefined) throw new Error('one call too many')
    return { status: 200, headers: next.headers ?? {}, json: next.body }
  }
  const get: ProviderHttp['get'] = (_url, options) => answer(options?.query ?? {})
  const post: ProviderHttp['post'] = (_url, { json }) => answer(json ?? null)
  return { sent, left, http: { get, post, delete: get, ...unusedHttp } satisfies ProviderHttp }
}

function read(provider: Provider, name: string, http: ProviderHttp, cursor?: Json): Promise<Page<Json>> {
  const stream = provider.streams.find((one) => one.name === name)
  if (stream === undefined) throw new Error(`no stream ${name}`)
  return stream.fetchPage(http, cursor, context)
}

const totals = (total: number, pages: number) => ({
  'x-wp-total': String(total),
  'x-wp-totalpages': String(pages),
})

describe('woocommerce', () => {
  it('goes back by as many places as items have left the list', async () => {
    const { http, sent } = answering([
      { body: [], headers: totals(300, 3) },
      { body: [], headers: totals(300, 3) },
      { body: [], headers: totals(298, 3) },
      { body: [], headers: totals(298, 3) },
      { body: [], headers: totals(298, 3) },
    ])
    let page = await read(woocommerce, 'customers', http)
    while (page.more) page = await read(woocommerce, 'customers', http, page.cursor)
    expect(sent.map((query) => (query as JsonObject)['page'])).toEqual([1, 2, 3, 2, 3])
  })

  it('goes on while pages are full where a server keeps the totals back', async () => {
    const full = Array.from({ length: 100 }, (_, at) => ({ id: at + 1 }))
    const { http, sent } = answering([{ body: full }, { body: full.slice(0, 99) }])
    const first = await read(woocommerce, 'customers', http)
    expect(first.more).toBe(true)
    expect((await read(woocommerce, 'customers', http, first.cursor)).more).toBe(false)
    expect(sent).toHaveLength(2)
  })

  it('leaves out what lets in whoever has it', async () => {
    const order = {
      id: 1,
      order_key: 'wc_order_k',
      payment_url: 'https://shop.test/pay?key=wc_order_k',
      _links: {},
      meta_data: [
        { id: 1, key: '_stripe_source_id', value: 'src_1' },
        { id: 2, key: 'gift', value: 'yes' },
      ],
    }
    const { http } = answering([{ body: [order, 'odd'], headers: totals(2, 1) }])
    const { items } = await read(woocommerce, 'orders', http)
    expect(items).toEqual([{ id: 1, meta_data: [{ id: 2, key: 'gift', value: 'yes' }] }, 'odd'])
  })

  it('ends the webhooks that were made when one was not', async () => {
    const create = [{ id: 140 }, { id: 0, error: { code: 'woocommerce_rest_cannot_create' } }, { id: 142 }]
    const { http, sent, left } = answering([{ body: { create } }, { body: { delete: [] } }])
    const wish = { url: 'https://node.test/w', secret: new Redacted('s'), streams: ['customers'] }
    await expect(woocommerce.webhooks?.register?.(http, wish, context)).rejects.toMatchObject({
      code: 'PROVIDER_CHANGED',
    })
    expect(sent.at(-1)).toEqual({ delete: [140, 142] })
    expect(left).toEqual([])
  })

  it.each([
    [['-10.00', '-9.26'], '-19.26'],
    [['0.1', '0.2', null], '0.3'],
    [['9007199254740993', '0.01'], '9007199254740993.01'],
    [[undefined], undefined],
  ])('sums %j exactly', (amounts, expected) => {
    expect(sum(amounts)).toBe(expected)
  })

  it('reads the words of HTML, and does not take long over what never ends', () => {
    expect(plainText('<p>Blue &amp; white</p><ul><li>One</li></ul>')).toBe('Blue & white\nOne')
    expect(plainText('<script>')).toBeUndefined()
    expect(plainText('<'.repeat(100_000))?.length).toBe(100_000)
  })
})

describe('shopify', () => {
  it('takes a granted write scope for its read scope too, and no other', () => {
    const answer = { access_token: 'token', scope: 'write_products,read_orders' }
    const tokens = tokensOf(answer, 0)
    const lacking = (scope: string) => lackingScopes(shopify, tokens, [scope])
    expect(['read_orders', 'read_products', 'read_customers'].flatMap(lacking)).toEqual(['read_customers'])
  })

  const failed = (code: string, extensions: JsonObject = {}) => ({
    body: { errors: [{ message: 'words', extensions: { code } }], extensions },
  })

  it('waits as long as the points that are missing take', async () => {
    const throttleStatus = { maximumAvailable: 2000, currentlyAvailable: 66, restoreRate: 100 }
    const { http } = answering([failed('THROTTLED', { cost: { requestedQueryCost: 566, throttleStatus } })])
    await expect(read(shopify, 'orders', http)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 5_000,
    })
  })

  it.each([
    ['ACCESS_DENIED', 'SCOPE_MISSING'],
    ['INTERNAL_SERVER_ERROR', 'PROVIDER_DOWN'],
    ['undefinedField', 'PROVIDER_CHANGED'],
  ])('takes %s for %s', async (code, expected) => {
    const { http } = answering([failed(code)])
    await expect(read(shopify, 'orders', http)).rejects.toMatchObject({ code: expected })
  })

  it('asks anew from the last change before a cursor reaches its end', async () => {
    const nodes = (from: number) =>
      Array.from({ length: 100 }, (_, at) => ({
        id: `gid://shopify/Customer/${from + at}`,
        updatedAt: new Date(Date.UTC(2026, 0, 1) + (from + at) * 1_000).toISOString(),
      }))
    const pages = Array.from({ length: 201 }, (_, at) => ({
      body: {
        data: {
          customers: { nodes: nodes(at * 100), pageInfo: { hasNextPage: true, endCursor: `c${at}` } },
        },
      },
    }))
    const { http, sent } = answering(pages)
    let cursor: Json | undefined
    for (let at = 0; at < 201; at++) ({ cursor } = await read(shopify, 'customers', http, cursor))
    const variables = sent.map((question) => (question as JsonObject)['variables'] as JsonObject)
    expect(variables[199]).toMatchObject({ after: 'c198', query: null })
    expect(variables[200]).toMatchObject({
      after: null,
      query: `updated_at:>='${new Date(Date.UTC(2026, 0, 1) + 19_999_000).toISOString()}'`,
    })
  })
})

describe('square', () => {
  const now = Date.UTC(2026, 2, 2)
  it.each([
    [
      { access_token: 't', expires_at: '2026-03-02T00:01:00Z' },
      { access_token: 't', expires_in: 60 },
    ],
    [
      { access_token: 't', expires_at: '2026-03-01T00:00:00Z' },
      { access_token: 't', expires_in: 1 },
    ],
    [{ access_token: 't', expires_at: 'soon' }, { access_token: 't' }],
    [{ access_token: 't' }, { access_token: 't' }],
  ])('reads %j as %j', (answer, expected) => {
    expect(squareSignIn.readToken?.(answer, now)).toEqual(expected)
  })
})
