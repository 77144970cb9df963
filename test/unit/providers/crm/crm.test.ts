/** HubSpot, Salesforce and Autodesk: what their recorded calls cannot show. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { provider as autodesk } from '../../../../providers/autodesk-construction-cloud/index.js'
import { provider as hubspot } from '../../../../providers/hubspot/index.js'
import { plainText } from '../../../../providers/hubspot/plain-text.js'
import { provider as salesforce } from '../../../../providers/salesforce/index.js'
import {
  Redacted,
  type FetchContext,
  type HttpBody,
  type Json,
  type Provider,
  type ProviderHttp,
} from '../../../../src/provider/index.js'
import { unusedHttp } from '../../../support/unused-http.js'

const settings = { clientId: 'id', clientSecret: new Redacted('app-secret') }
const context: FetchContext = {
  settings,
  fields: { texts: { instanceUrl: 'https://lakeside.my.salesforce.com' }, secrets: {} },
  account: { id: 'b.hub', name: 'Lakeside Builders' },
  now: Date.UTC(2026, 2, 2),
  signal: new AbortController().signal,
  partition: 'b.project',
}

interface Call {
  readonly url: URL
  readonly body: HttpBody | undefined
}

/** Answers one call after the other, and notes them. */
function answering(...bodies: readonly Json[]) {
  const calls: Call[] = []
  const call = async (address: string | URL, query = {}, body?: HttpBody) => {
    const url = new URL(address)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    calls.push({ url, body })
    const json = bodies[calls.length - 1]
    if (json === undefined) throw new Error(`nothing answers ${url.href}`)
    return { status: 200, headers: {}, json }
  }
  const http: ProviderHttp = {
    ...unusedHttp,
    get: (url, options) => call(url, options?.query),
    post: (url, body, options) => call(url, options?.query, body),
    delete: (url, options) => call(url, options?.query),
  }
  return { calls, http }
}

const streamOf = (provider: Provider, name: string) => {
  const stream = provider.streams.find((one) => one.name === name)
  if (stream === undefined) throw new Error(`no stream ${name}`)
  return stream
}

describe('hubspot', () => {
  const contact = (id: number, second: number) => ({
    id: String(id),
    properties: { lastmodifieddate: new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString() },
  })
  const { fetchPage } = streamOf(hubspot, 'contacts')

  it('goes on from the last change instead of paging beyond what a search may show', async () => {
    const next = { next: { after: '200' } }
    const { calls, http } = answering(
      { results: [contact(1, 1), contact(2, 2)], paging: next },
      { results: [contact(2, 2), contact(3, 2)], paging: next },
      { results: [contact(4, 2), contact(5, 9)], paging: next },
      { results: [contact(5, 9)] },
    )
    const met: string[][] = []
    let cursor: Json | undefined
    for (let more = true; more;) {
      const page = await fetchPage(http, cursor, context)
      met.push(page.items.map((item) => (item as { id: string }).id))
      cursor = page.cursor
      more = page.more
    }
    expect(met).toEqual([['1', '2'], ['3'], ['4', '5'], []])
    const sent = calls.map(({ body }) => body?.json as { after?: string; filterGroups?: Json })
    // Only within one millisecond is a search gone on with.
    expect(sent.map(({ after }) => after)).toEqual([undefined, undefined, '200', undefined])
    expect(sent.map(({ filterGroups }) => filterGroups === undefined)).toEqual([true, false, false, false])
  })

  it.each([
    ['/hooks?next=%2Fa%3Fb%40c', '/hooks?next=/a?b@c'],
    ['/hooks?q=%20%25', '/hooks?q=%20%25'],
  ])('checks the signature of %s over the address as HubSpot writes it', (sentTo, signed) => {
    const body = Buffer.from(JSON.stringify([{ portalId: 7, subscriptionType: 'contact.creation' }]))
    const time = String(context.now)
    const signature = createHmac('sha256', 'app-secret')
      .update(`POSThttps://node.test${signed}${body.toString()}${time}`)
      .digest('base64')
    const headers = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': time }
    const delivery = { method: 'POST', url: `https://node.test${sentTo}`, headers, body } as const
    const secrets = { settings, secret: undefined, nowMs: context.now }
    expect(hubspot.webhooks?.verify(delivery, secrets)).toEqual({
      kind: 'accepted',
      deliveryId: signature,
      sentAtMs: context.now,
      events: [{ accountId: '7', stream: 'contacts' }],
    })
  })

  it.each([
    ['<p>One &amp; two</p><p>Three</p>', 'One & two\nThree'],
    ['a<br/>b &lt;b&gt;', 'a\nb <b>'],
    ['2 < 3', '2 < 3'],
    ['&amp;lt;', '&lt;'],
  ])('shows the note %s as text', (html, text) => {
    expect(plainText(html)).toBe(text)
  })
})

describe('salesforce', () => {
  const account = (id: string) => ({ Id: id, SystemModstamp: '2025-06-01T09:00:00.000+0000' })
  const [first, second] = ['001D000000000001', '001D000000000002'] as const

  it('tells records of one second apart by their ids, and takes smaller batches', async () => {
    const { calls, http } = answering(
      { done: false, records: [account(first)] },
      { done: true, records: [account(second)] },
    )
    const { fetchPage } = streamOf(salesforce, 'accounts')
    const page = await fetchPage(http, undefined, context)
    expect(page.more).toBe(true)
    const next = await fetchPage(http, page.cursor, context)
    expect(next).toMatchObject({ items: [account(second)], more: false })
    expect(calls[1]?.url.searchParams.get('q')).toContain(
      `(SystemModstamp = 2025-06-01T09:00:00.000Z AND Id > '${first}')`,
    )
  })

  it.each([
    [{}, 'https://login.salesforce.com'],
    [{ environment: 'sandbox' }, 'https://test.salesforce.com'],
    [
      { environment: 'production', domain: 'lakeside.my.salesforce.com' },
      'https://lakeside.my.salesforce.com',
    ],
  ])('signs in for %j at %s', (texts, origin) => {
    const [auth] = salesforce.auth
    if (auth.kind !== 'oauth2' || typeof auth.token === 'string') throw new Error('another sign-in')
    expect(auth.token(settings, texts)).toBe(`${origin}/services/oauth2/token`)
  })

  it.each(["'; DELETE", "\\' OR Name != '", 'a\nb'])(
    'keeps the search %j within its text',
    async (search) => {
      const { calls, http } = answering({ done: true, records: [] })
      await salesforce.browse?.items(http, { kind: 'deal', search, limit: 10 }, context)
      const soql = calls[0]?.url.searchParams.get('q') ?? ''
      // Without what is escaped, exactly the two quotes of the text are left.
      expect(soql.replace(/\\./g, '').match(/'/g)).toHaveLength(2)
      expect(soql).not.toContain('\n')
    },
  )
})

describe('autodesk-construction-cloud', () => {
  const hub = (id: string) => ({ id, attributes: { name: `Hub ${id}` } })
  const project = (id: string) => ({ id, attributes: { name: id } })

  it('takes the first hub by its id where none is named', async () => {
    const { http } = answering({ data: [hub('b.two'), { odd: true }, hub('b.one')] })
    await expect(autodesk.account(http, context)).resolves.toEqual({ id: 'b.one', name: 'Hub b.one' })
  })

  it('says that the application may not be added where no hub is seen', async () => {
    const { http } = answering({ data: [] })
    await expect(autodesk.account(http, context)).rejects.toMatchObject({ code: 'SCOPE_MISSING' })
  })

  it('reads all projects of a hub, page by page', async () => {
    const { calls, http } = answering(
      { data: [project('b.1')], links: { next: { href: 'https://elsewhere.test' } } },
      { data: [project('b.2')], links: {} },
    )
    const found = await streamOf(autodesk, 'files').partitions?.(http, context)
    expect(found).toEqual(['b.1', 'b.2'])
    expect(calls.map(({ url }) => url.searchParams.get('page[number]'))).toEqual(['0', '1'])
  })

  it('ends at once in a project without folders, and asks the next time from then on', async () => {
    const { http } = answering({ data: [] })
    const page = await streamOf(autodesk, 'files').fetchPage(http, undefined, context)
    expect(page).toMatchObject({ items: [], more: false, cursor: { since: '2026-03-01T23:55:00.000Z' } })
  })
})
