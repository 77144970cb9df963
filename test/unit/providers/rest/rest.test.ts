/** Interfaces in all the ways that their fields tell: pointers, sign-ins, pages, links that lead away. The rest is the suite's. */
import { describe, expect, it } from 'vitest'
import { custom } from '../../../../providers/rest/auth.js'
import { provider } from '../../../../providers/rest/index.js'
import { readPage } from '../../../../providers/rest/pages.js'
import { valueAt } from '../../../../providers/rest/pointer.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import { Redacted, reveal, type Page, type ProviderHttp } from '../../../../src/provider/index.js'
import { unusedHttp } from '../../../support/unused-http.js'

const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'm~n': 8,
  ' ': 7,
  deep: { list: [{ id: 1 }] },
}

describe('pointers', () => {
  it.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/m~0n', 8],
    ['/ ', 7],
    ['/deep/list/0/id', 1],
    ['/foo/2', undefined],
    ['/foo/-', undefined],
    ['/foo/00', undefined],
    ['/foo/length', undefined],
    ['/constructor', undefined],
    ['/__proto__/polluted', undefined],
    ['/deep/list/0/id/x', undefined],
  ])('%j finds what RFC 6901 says', (pointer, expected) => {
    expect(valueAt(document, pointer)).toEqual(expected)
  })
})

describe('sign-ins', () => {
  const secrets = { secret: new Redacted('s3cret') }
  it.each([
    ['none', {}],
    ['bearer', { authorization: 'Bearer s3cret' }],
    ['header', { 'x-key': 's3cret' }],
    ['basic', { authorization: `Basic ${Buffer.from('ana:s3cret').toString('base64')}` }],
  ])('%s', (method, expected) => {
    const headers = custom.headers?.({ texts: { method, header: 'X-Key', username: 'ana' }, secrets }) ?? {}
    const shown = Object.entries(headers).map(([name, value]) => {
      // A secret never stands in clear.
      expect(value).toBeInstanceOf(Redacted)
      return [name, reveal(value as Redacted)]
    })
    expect(Object.fromEntries(shown)).toEqual(expected)
  })

  it.each(['host', 'cookie', 'x key', 'content-length', 'x-'])('takes no header named %j', (name) => {
    const { header } = custom.fields
    expect(header?.kind === 'text' && new RegExp(`^(?:${header.pattern ?? ''})$`).test(name)).toBe(false)
  })
})

const base = { url: 'https://api.test', path: '/v1/rows?a=1', collection: 'rows', items: '/data', id: '/id' }

function answering(bodies: readonly Json[], headers: Record<string, string> = {}) {
  const asked: string[] = []
  const get: ProviderHttp['get'] = async (url) => {
    asked.push(String(url))
    return { status: 200, headers: asked.length === 1 ? headers : {}, json: bodies[asked.length - 1] ?? null }
  }
  return { asked, http: { get, post: get, delete: get, ...unusedHttp } as ProviderHttp }
}

async function readAll(texts: Record<string, string>, http: ProviderHttp) {
  const [rows] = provider.streams
  if (rows === undefined) throw new Error('no stream')
  const context = {
    settings: {},
    fields: { texts: { ...base, ...texts }, secrets: {} },
    account: { id: 'a', name: 'a' },
    now: 0,
    signal: new AbortController().signal,
    partition: '',
  }
  const pages: Page<Json>[] = []
  let cursor: Json | undefined
  do {
    const page = await rows.fetchPage(http, cursor, context)
    pages.push(page)
    cursor = page.cursor
  } while (pages.at(-1)?.more === true && pages.length < 9)
  return pages
}

const of = (...ids: number[]) => ({ data: ids.map((id) => ({ id })) })

describe('pages', () => {
  it.each([
    ['none', {}, [of(1)], {}, ['/v1/rows?a=1']],
    [
      'link',
      { next: '/next' },
      [{ ...of(1), next: '?a=1&p=2' }, of(2)],
      {},
      ['/v1/rows?a=1', '/v1/rows?a=1&p=2'],
    ],
    [
      'header',
      {},
      [of(1), of(2)],
      { link: '<https://api.test/v1/rows?p=9>; rel="last", </v1/rows?p=2>; rel="next"' },
      ['/v1/rows?a=1', '/v1/rows?p=2'],
    ],
    [
      'cursor',
      { next: '/cursor', parameter: 'after' },
      [
        { ...of(1), cursor: 'x y' },
        { ...of(2), cursor: '' },
      ],
      {},
      ['/v1/rows?a=1', '/v1/rows?a=1&after=x+y'],
    ],
    [
      'page',
      { parameter: 'p' },
      [of(1), of(2), of()],
      {},
      ['/v1/rows?a=1&p=1', '/v1/rows?a=1&p=2', '/v1/rows?a=1&p=3'],
    ],
    ['page', { parameter: 'p' }, [of(1), of(1), of(1)], {}, ['/v1/rows?a=1&p=1', '/v1/rows?a=1&p=2']],
  ])('%s', async (paging, texts, bodies, headers, expected) => {
    const { http, asked } = answering(bodies, headers)
    const pages = await readAll({ paging, ...texts }, http)
    expect(asked).toEqual(expected.map((path) => `https://api.test${path}`))
    expect(pages.at(-1)).toMatchObject({ more: false, cursor: { next: '' } })
  })

  it.each([
    ['a link to another server', { ...of(1), next: 'https://evil.test/?p=2' }],
    ['a link to another server without its scheme', { ...of(1), next: '//evil.test/?p=2' }],
    ['a link by another scheme', { ...of(1), next: 'http://api.test/?p=2' }],
    ['no list', { data: { id: 1 } }],
  ])('%s ends the stream', async (_what, body) => {
    const { http } = answering([body])
    const fields = { texts: { ...base, paging: 'link', next: '/next' } }
    await expect(readPage(http, fields)).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })

  it('asks for no page that is the one it has', async () => {
    const { http } = answering([{ ...of(1), next: '/v1/rows?p=2' }])
    const fields = { texts: { ...base, paging: 'link', next: '/next' } }
    await expect(readPage(http, fields, '/v1/rows?p=2')).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  })

  it.each([
    [1_767_225_600, '2026-01-01T00:00:00.000Z'],
    [1_767_225_600_000, '2026-01-01T00:00:00.000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T01:00:00', undefined],
    ['soon', undefined],
    [1e300, undefined],
    [null, undefined],
  ])('reads the time %j as %j', async (at, expected) => {
    const { http } = answering([{ data: [{ id: 1, at }] }])
    const [page] = await readAll({ changed: '/at' }, http)
    expect(page?.items).toEqual([
      { id: 1, at, '@connector': { id: '1', collection: 'rows', ...(expected && { changed: expected }) } },
    ])
  })
})
