/** Live reads and notification channels beyond what fixtures show: foreign cursors, odd queries, channels that fail half-way. */
import { describe, expect, test } from 'vitest'
import { provider as google } from '../../../../providers/google/index.js'
import { provider as drive } from '../../../../providers/google-drive/index.js'
import { providers } from '../../../../providers/index.js'
import { NodeError, Redacted, reveal } from '../../../../src/provider/index.js'
import { loadProviderCase } from '../../../support/load-provider-case.js'
import { fetchContext } from '../../../support/provider-run.js'
import { notFound, scriptedHttp, type Asked } from './service.js'

const root = new URL('../../../../providers/', import.meta.url).pathname
const STOP = 'https://www.googleapis.com/calendar/v3/channels/stop'
const context = fetchContext(await loadProviderCase(root, 'google', providers))

describe('live reads', () => {
  test.each([[7], [{ part: -1, at: null }], [{ part: 0, at: { drives: 'x' } }], ['text']])(
    'refuse the cursor %j before anything is asked',
    async (cursor) => {
      const http = scriptedHttp(() => ({ items: [] }))
      const reading = google.browse?.containers(http, { limit: 5, cursor }, context)
      await expect(reading).rejects.toMatchObject({ code: 'REQUEST_INVALID', fields: [{ path: 'cursor' }] })
      expect(http.asked).toEqual([])
    },
  )

  test('of a part that is not there end', async () => {
    const http = scriptedHttp(() => ({ items: [] }))
    const page = await google.browse?.containers(http, { limit: 5, cursor: { part: 9, at: null } }, context)
    expect(page).toEqual({ data: [] })
  })

  test('take a MIME type for a kind, and let no text out of its quotes', async () => {
    const http = scriptedHttp(() => ({ files: [] }))
    const query = { limit: 5, kind: 'application/pdf', search: "a' or '1", containerId: 'x\\' }
    await drive.browse?.items(http, query, context)
    expect(http.asked[0]?.query['q']).toBe(
      "trashed = false and mimeType != 'application/vnd.google-apps.folder' and 'x\\\\' in parents" +
        " and mimeType = 'application/pdf' and fullText contains 'a\\' or \\'1'",
    )
  })

  test('of files in a calendar, and of a kind that nobody has, find nothing', async () => {
    const http = scriptedHttp(() => ({ files: [] }))
    const both = { limit: 5, kind: 'file', containerId: 'a@b.example' }
    expect(await google.browse?.items(http, both, context)).toEqual({ data: [] })
    expect(await google.browse?.items(http, { limit: 5, kind: 'invoice' }, context)).toEqual({ data: [] })
    expect(http.asked).toEqual([])
  })
})

describe('channels', () => {
  const wish = {
    url: 'https://node.test/hook',
    secret: new Redacted('the-secret'),
    streams: ['calendars', 'events'],
  }
  const calendars = {
    items: ['a@b.example', 'en.uk#holiday@group.v.calendar.google.com', 'c@d.example'].map((id) => ({ id })),
  }
  const opened = ({ json }: Asked) => ({ ...(json as { id: string }), resourceId: 'r' })

  test('are opened for what was wished, each under its own id and all under one token', async () => {
    const http = scriptedHttp((asked) => (asked.method === 'GET' ? calendars : opened(asked)))
    const registration = await google.webhooks?.register?.(http, wish, context)
    const posts = http.asked.filter(({ method }) => method === 'POST')
    expect(posts.map(({ path }) => decodeURIComponent(path))).toEqual([
      '/calendar/v3/users/me/calendarList/watch',
      '/calendar/v3/calendars/a@b.example/events/watch',
      '/calendar/v3/calendars/c@d.example/events/watch',
    ])
    const bodies = posts.map(({ json }) => json as Readonly<Record<string, string>>)
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(3)
    for (const body of bodies) {
      expect(body).toMatchObject({ token: reveal(wish.secret), address: wish.url, type: 'web_hook' })
      expect(body['id']).toMatch(/^[A-Za-z0-9\-_+/=]{1,64}$/)
    }
    expect(registration?.expiresAtMs).toBe(context.now + 6 * 86_400_000)
    expect(JSON.stringify(registration)).not.toContain(reveal(wish.secret))
  })

  test('are all ended when one cannot be opened', async () => {
    const http = scriptedHttp((asked) => {
      if (asked.method === 'GET') return calendars
      if (decodeURIComponent(asked.path).includes('c@d.example')) throw new NodeError('RATE_LIMITED')
      return asked.path.endsWith('/stop') ? null : opened(asked)
    })
    await expect(google.webhooks?.register?.(http, wish, context)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    const stops = http.asked.filter(({ path }) => path === '/calendar/v3/channels/stop')
    expect(stops.map(({ json }) => json)).toMatchObject([{ resourceId: 'r' }, { resourceId: 'r' }])
  })

  const registration = {
    id: 'x',
    state: { channels: [1, 2].map((n) => ({ id: `c${n}`, resourceId: 'r', stop: STOP })) },
  }

  test('that have ended by themselves are no trouble; others are', async () => {
    const http = scriptedHttp(notFound)
    await google.webhooks?.remove?.(http, registration, context)
    expect(http.asked.map(({ json }) => json)).toEqual([
      { id: 'c1', resourceId: 'r' },
      { id: 'c2', resourceId: 'r' },
    ])
    const down = scriptedHttp(() => {
      throw new NodeError('PROVIDER_DOWN')
    })
    await expect(google.webhooks?.remove?.(down, registration, context)).rejects.toMatchObject({
      code: 'PROVIDER_DOWN',
    })
  })

  test('refuse a delivery while there is no registration', () => {
    const delivery = {
      method: 'POST' as const,
      url: wish.url,
      headers: { 'x-goog-channel-token': 'the-secret' },
      body: new Uint8Array(),
    }
    const secrets = { settings: context.settings, secret: undefined, nowMs: context.now }
    expect(google.webhooks?.verify(delivery, secrets)).toMatchObject({ kind: 'refused' })
  })
})
