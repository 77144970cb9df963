/** What is Facebook's own: links that hold tokens, the window of later runs, proofs, kinds. The rest is the suite's. */
import { unusedHttp } from '../../../support/unused-http.js'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { provider } from '../../../../providers/facebook/index.js'
import { providers } from '../../../../providers/index.js'
import { nextPlace, VERSION } from '../../../../providers/facebook/graph.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import {
  authOfKind,
  Redacted,
  reveal,
  type AnyStream,
  type ProviderHttp,
} from '../../../../src/provider/index.js'
import { withBench } from '../../../support/provider-bench.js'
import { loadProviderCase } from '../../../support/load-provider-case.js'
import { fetchContext, passItems, readRuns } from '../../../support/provider-run.js'
import { SECRET, testSettings, TOKEN } from '../../../support/provider-settings.js'

const root = new URL('../../../../providers/', import.meta.url).pathname
const facebook = await loadProviderCase(root, 'facebook', providers)
const stream = (name: string) => provider.streams.find((one) => one.name === name) as AnyStream
const posts = stream('posts')

const GRANTED = ['user_posts', 'user_likes'].map((permission) => ({ permission, status: 'granted' }))

/** Answers with one body, and with permissions when it is asked for them. */
function answering(body: Json, granted: Json = GRANTED): ProviderHttp {
  const answer = async (url: string | URL) => {
    const json = String(url).endsWith('/me/permissions') ? { data: granted } : body
    return { status: 200, headers: {}, json }
  }
  return { get: answer, post: answer, delete: answer, ...unusedHttp }
}

const postAt = (time: string) => ({ id: '1_1', created_time: time, message: 'Hello' })
const seconds = (time: string) => Date.parse(time) / 1_000
const read = (body: Json, cursor?: Json) => posts.fetchPage(answering(body), cursor, fetchContext(facebook))

describe('a link to the next page', () => {
  it('gives its place and nothing else', () => {
    const next = `https://graph.facebook.com/${VERSION}/1/posts?access_token=${TOKEN}&appsecret_proof=ab&limit=50&until=7&__paging_token=enc`
    expect(nextPlace({ data: [], paging: { next } })).toEqual({ until: '7', __paging_token: 'enc' })
  })

  it.each([undefined, null, {}, { next: null }])('is not there with %j', (paging) => {
    expect(nextPlace({ data: [], ...(paging !== undefined && { paging }) })).toBeNull()
  })

  it.each(['not an address', `https://graph.facebook.com/me/posts?access_token=${TOKEN}`])(
    'without a place is PROVIDER_CHANGED and is not quoted',
    (next) => {
      const attempt = () => nextPlace({ data: [], paging: { next } })
      expect(attempt).toThrow(expect.objectContaining({ code: 'PROVIDER_CHANGED' }))
      expect(attempt).not.toThrow(next)
    },
  )
})

describe('a permission that is not granted', () => {
  it.each([
    ['likes', []],
    ['likes', [{ permission: 'user_likes', status: 'declined' }]],
    ['posts', [{ permission: 'user_posts', status: 'expired' }]],
  ])('ends the run of %s before an empty list can look like deletions: %j', async (name, granted) => {
    const run = stream(name).fetchPage(answering({ data: [] }, granted), undefined, fetchContext(facebook))
    await expect(run).rejects.toMatchObject({ code: 'SCOPE_MISSING' })
  })
})

describe('a later run of posts', () => {
  it('begins 30 days before the newest post', async () => {
    const body = { data: [postAt('2024-05-01T00:00:00+0000'), postAt('2024-04-01T00:00:00+0000')] }
    const page = await read(body)
    expect(page.cursor).toEqual({ since: seconds('2024-04-01T00:00:00Z'), place: null, newest: 0 })
  })

  it('is not led ahead of our own time by a post dated 2099', async () => {
    const page = await read({ data: [postAt('2099-01-01T00:00:00+0000')] })
    expect((page.cursor as { since: number }).since).toBe(seconds('2029-12-02T00:00:00Z'))
  })

  it('stays where it was when a run met no post', async () => {
    const cursor = { since: 1_700_000_000, place: null, newest: 0 }
    expect((await read({ data: [] }, cursor)).cursor).toEqual(cursor)
  })

  it('carries the newest post of earlier pages through a run', async () => {
    const cursor = { since: null, place: { after: 'x' }, newest: seconds('2024-05-01T00:00:00Z') }
    const page = await read({ data: [postAt('2016-01-01T00:00:00+0000')] }, cursor)
    expect((page.cursor as { since: number }).since).toBe(seconds('2024-04-01T00:00:00Z'))
  })
})

describe('calls', () => {
  it('carry the proof of the app secret, and the token in no address', async () => {
    const proof = createHmac('sha256', SECRET).update(TOKEN).digest('hex')
    await withBench(facebook, async ({ service, client }) => {
      await readRuns(facebook, posts, client())
      expect(service.seen).toHaveLength(4)
      for (const { url } of service.seen) {
        expect(url.searchParams.get('appsecret_proof')).toBe(proof)
        expect(url.href).not.toContain(TOKEN)
        expect(url.pathname).toMatch(new RegExp(`^/${VERSION}/`))
      }
    })
  })

  it('exchange the first token for a long-lived one', () => {
    const form =
      authOfKind(provider, 'oauth2')?.exchange?.(testSettings(provider).settings, new Redacted(TOKEN)) ?? {}
    const shown = Object.entries(form).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : reveal(value),
    ])
    expect(Object.fromEntries(shown)).toEqual({
      grant_type: 'fb_exchange_token',
      client_id: 'test-clientId',
      client_secret: SECRET,
      fb_exchange_token: TOKEN,
    })
  })
})

describe('a post’s kind', () => {
  it.each([
    [{ attachments: { data: [{ media_type: 'album' }] }, status_type: 'added_photos' }, 'album'],
    [{ attachments: { data: [{ media_type: 'hologram' }] }, status_type: 'added_video' }, 'video'],
    [{ status_type: 'constructor' }, 'status'],
    [{}, 'status'],
  ])('of %j is %s', (facts, kind) => {
    const { records } = passItems(facebook, posts, [{ ...postAt('2024-05-01T00:00:00+0000'), ...facts }])
    expect(records.map((record) => record.fields['type'])).toEqual([kind])
  })
})
