/** What is Google's own in its streams: windows, messages that went, dates that a series leaves out. The rest is the suite's. */
import { describe, expect, test } from 'vitest'
import { provider as google } from '../../../../providers/google/index.js'
import { provider as drive } from '../../../../providers/google-drive/index.js'
import { providers } from '../../../../providers/index.js'
import { NO_FIELDS, NodeError, Redacted, type AnyStream } from '../../../../src/provider/index.js'
import { loadProviderCase } from '../../../support/load-provider-case.js'
import { fetchContext } from '../../../support/provider-run.js'
import { notFound, scriptedHttp } from './service.js'

const root = new URL('../../../../providers/', import.meta.url).pathname
const one = await loadProviderCase(root, 'google', providers)
const stream = (name: string) => google.streams.find((each) => each.name === name) as AnyStream
const within = (partition: string) => ({ ...fetchContext(one, partition), sinceMs: Date.UTC(2026, 0, 1) })

describe('a backfill window', () => {
  test('is asked for on every page of the first reading of a calendar, and never with a sync token', async () => {
    const http = scriptedHttp(({ query }) =>
      query['pageToken'] === undefined && query['syncToken'] === undefined
        ? { items: [], nextPageToken: 'p2' }
        : { items: [], nextSyncToken: 's1' },
    )
    const events = stream('events')
    const first = await events.fetchPage(http, undefined, within('a@b.example'))
    // By the time of the next page the window has moved on.
    const moved = { ...within('a@b.example'), sinceMs: Date.UTC(2027, 0, 1) }
    const second = await events.fetchPage(http, first.cursor, moved)
    await events.fetchPage(http, second.cursor, moved)
    expect(http.asked.map(({ query }) => query['timeMin'])).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      undefined,
    ])
    expect(http.asked[2]?.query).toMatchObject({ syncToken: 's1' })
  })

  test('narrows files by their change and emails by their time', async () => {
    const http = scriptedHttp(({ path }) => {
      if (path.endsWith('/startPageToken')) return { startPageToken: '1' }
      if (path.endsWith('/files')) return { files: [] }
      return path.endsWith('/profile') ? { historyId: '1' } : { resultSizeEstimate: 0 }
    })
    await stream('files').fetchPage(http, undefined, within('my-drive'))
    await stream('emails').fetchPage(http, undefined, within(''))
    expect(http.asked[1]?.query['q']).toBe("trashed = false and modifiedTime > '2026-01-01T00:00:00.000Z'")
    expect(http.asked[3]?.query['q']).toBe('after:1767225600')
  })
})

describe('emails', () => {
  const list = { messages: [{ id: 'a' }, { id: 'gone' }, { threadId: 'no id' }], resultSizeEstimate: 2 }

  test('that went between the list and their reading are deleted, and what has no id is set aside', async () => {
    const http = scriptedHttp(({ path }) => {
      if (path.endsWith('/profile')) return { historyId: '7' }
      if (path.endsWith('/messages')) return list
      return path.endsWith('/gone') ? notFound() : { id: 'a' }
    })
    const page = await stream('emails').fetchPage(http, undefined, fetchContext(one))
    expect(page).toMatchObject({
      items: [{ id: 'a' }, { threadId: 'no id' }],
      deletedIds: ['gone'],
      more: false,
    })
  })

  test('that fail otherwise fail the page', async () => {
    const http = scriptedHttp(({ path }) => {
      if (path.endsWith('/profile')) return { historyId: '7' }
      if (path.endsWith('/messages')) return list
      throw new NodeError('RATE_LIMITED')
    })
    await expect(stream('emails').fetchPage(http, undefined, fetchContext(one))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
  })
})

test('calendars that do not end are not read for ever', async () => {
  const http = scriptedHttp(() => ({ items: [], nextPageToken: 'again' }))
  const reading = stream('events').partitions?.(http, fetchContext(one))
  await expect(reading).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
  expect(http.asked).toHaveLength(40)
})

test('an account without a channel has liked nothing', async () => {
  const http = scriptedHttp(() => ({ pageInfo: { totalResults: 0 } }))
  const page = await stream('likes').fetchPage(http, undefined, fetchContext(one))
  expect(page).toEqual({ items: [], cursor: null, more: false })
})

test('a service account has nothing to revoke; a person has', async () => {
  const http = scriptedHttp(() => null)
  if (typeof drive.revoke !== 'function') throw new Error('it is a function')
  const tokens = { accessToken: new Redacted('a'), refreshToken: new Redacted('r') }
  const { settings } = fetchContext(one)
  const fields = { texts: {}, secrets: { serviceAccountKey: new Redacted('{}') } }
  await drive.revoke(http, { settings, fields, tokens })
  expect(http.asked).toEqual([])
  await drive.revoke(http, { settings, fields: NO_FIELDS, tokens })
  expect(http.asked).toMatchObject([{ method: 'POST', path: '/revoke' }])
})
