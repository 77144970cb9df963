/** The sandbox provider against the real service: what it reads, maps and leaves out, run after run. */
import { unusedHttp } from '../../../support/unused-http.js'
import { afterEach, describe, expect, it } from 'vitest'
import { createValidator, schemaUri } from '../../../../schemas/index.js'
import { provider } from '../../../../providers/sandbox/index.js'
import type { SandboxOptions } from '../../../../src/devnet/sandbox-service/index.js'
import type { Json } from '../../../../src/lib/canonical-json.js'
import {
  NO_FIELDS,
  NodeError,
  Redacted,
  type AnyStream,
  type Draft,
  type ProviderHttp,
} from '../../../../src/provider/index.js'
import { call, refresh, signIn, start } from '../../devnet/sandbox-service/journey.js'

const NOW = Date.UTC(2030, 0, 1)
const abort = new AbortController()
afterEach(() => expect(abort.signal.aborted).toBe(false))

/** A client with just what the contract promises: the token, integers that survive, and the provider's own errors. */
function client(token: string): ProviderHttp {
  const send = async (url: string | URL, init: RequestInit = {}, query: object = {}) => {
    const target = new URL(url)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(name, String(value))
    const answer = await fetch(target, { ...init, headers: { authorization: `Bearer ${token}` } })
    const text = await answer.text()
    const failed = provider.classify?.({ status: answer.status, headers: {}, json: undefined })
    if (failed) throw new NodeError(failed.code)
    if (!answer.ok) throw new NodeError('PROVIDER_DOWN', { detail: String(answer.status) })
    return {
      status: answer.status,
      headers: {},
      json: text === '' ? null : (JSON.parse(text.replace(/"id":(\d{16,})/g, '"id":"$1"')) as unknown),
    }
  }
  return {
    get: (url, options) => send(url, {}, options?.query),
    post: (url, body) => send(url, { method: 'POST', body: new URLSearchParams(body.form) }),
    delete: (url) => send(url, { method: 'DELETE' }),
    ...unusedHttp,
  }
}

async function connect(options: Partial<SandboxOptions> = {}) {
  const service = await start(options)
  const tokens = await signIn(service)
  const settings = {
    origin: service.origin,
    clientId: service.client.id,
    clientSecret: new Redacted(service.client.secret),
  }
  const http = client(tokens.access_token)
  return {
    service,
    tokens,
    http,
    settings,
    account: await provider.account(http, { settings, fields: NO_FIELDS }),
  }
}
type Connected = Awaited<ReturnType<typeof connect>>

const stream = (name: string) => provider.streams.find((one) => one.name === name) as AnyStream

interface Run {
  readonly drafts: readonly Draft[]
  readonly quarantined: number
  readonly skipped: readonly string[]
  readonly deletedIds: readonly string[]
  readonly cursor: Json
  readonly pages: number
}

/** Reads a stream to its end, as the pipeline does: each cursor through its JSON, each item by the stream's own check. */
async function run(connected: Connected, name: string, from?: Json, partition = ''): Promise<Run> {
  const one = stream(name)
  const { http, settings, account } = connected
  const validate = createValidator(schemaUri(one.schema))
  const found = { drafts: [] as Draft[], quarantined: 0, skipped: [] as string[], deletedIds: [] as string[] }
  let cursor = from
  for (let pages = 1; ; pages++) {
    const stored = cursor === undefined ? undefined : one.cursor.parse(JSON.parse(JSON.stringify(cursor)))
    const page = await one.fetchPage(http, stored, {
      settings,
      fields: NO_FIELDS,
      account,
      now: NOW,
      signal: abort.signal,
      partition,
    })
    found.deletedIds.push(...(page.deletedIds ?? []))
    for (const row of page.items) {
      const item = one.item.safeParse(row)
      const draft = item.success ? one.map(item.data, { account, settings }) : undefined
      if (draft === undefined) found.quarantined++
      else if ('skip' in draft) found.skipped.push(draft.skip)
      else if (
        validate({ ...draft.fields, schema: 'x', insertedAt: draft.insertedAt, modifiedAt: draft.modifiedAt })
          .ok
      )
        found.drafts.push(draft)
      else found.quarantined++
    }
    cursor = page.cursor
    if (!page.more) return { ...found, cursor, pages }
  }
}

async function runEvents(connected: Connected) {
  const { http, settings, account } = connected
  const partitions = await stream('events').partitions?.(http, {
    settings,
    fields: NO_FIELDS,
    account,
    now: NOW,
    signal: abort.signal,
  })
  return Promise.all((partitions ?? []).map((partition) => run(connected, 'events', undefined, partition)))
}

const names = (drafts: readonly Draft[]) => drafts.map((draft) => draft.fields['name'])
const sizes = { posts: 650, followings: 300, files: 220, events: 400 }

describe('the sandbox provider', () => {
  it('tells whose account it is', async () => {
    const { account, service } = await connect()
    expect(account).toEqual({
      id: 'maya',
      name: 'Maya Okafor',
      username: 'maya.okafor',
      avatarUrl: `${service.origin}/avatars/maya.svg`,
    })
  })

  it.each(['posts', 'followings', 'files', 'calendars'] as const)(
    'reads all %s, and what is broken is as many as the service says',
    async (name) => {
      const connected = await connect(sizes)
      const { drafts, quarantined, skipped } = await run(connected, name)
      const expected = connected.service.expected[name]
      expect({ records: drafts.length, quarantined, skipped: skipped.length }).toEqual({
        records: expected.records,
        quarantined: expected.quarantined,
        skipped: expected.skipped,
      })
      expect(new Set(drafts.map((draft) => draft.sourceId)).size).toBe(drafts.length)
    },
  )

  it('reads the events of all calendars', async () => {
    const connected = await connect(sizes)
    const runs = await runEvents(connected)
    expect(runs).toHaveLength(3)
    const { records, quarantined } = connected.service.expected.events
    expect(runs.reduce((sum, one) => sum + one.drafts.length, 0)).toBe(records)
    expect(runs.reduce((sum, one) => sum + one.quarantined, 0)).toBe(quarantined)
    expect(quarantined).toBeGreaterThan(3)
  })

  it('keeps ids beyond 2^53 apart', async () => {
    const { drafts } = await run(await connect(), 'posts')
    expect(drafts.map((draft) => draft.sourceId)).toEqual(
      expect.arrayContaining(['9007199254740992', '9007199254740993']),
    )
  })

  it('reads only changes of posts the second time, and their deletions', async () => {
    const connected = await connect()
    const first = await run(connected, 'posts')
    await connected.service.admin.edit({ stream: 'posts', id: 'post-0000011' }, { title: 'Edited' })
    await connected.service.admin.remove({ stream: 'posts', id: '9007199254740993' })
    const second = await run(connected, 'posts', first.cursor)
    expect([names(second.drafts), second.deletedIds, second.pages]).toEqual([
      ['Edited'],
      ['9007199254740993'],
      1,
    ])
    const third = await run(connected, 'posts', second.cursor)
    expect([third.drafts, third.deletedIds]).toEqual([[], []])
  })

  it('begins a new scan of followings after each run', async () => {
    const connected = await connect()
    const first = await run(connected, 'followings')
    await connected.service.admin.remove({ stream: 'followings', id: 'user-0000001' })
    const second = await run(connected, 'followings', first.cursor)
    expect(second.drafts).toHaveLength(first.drafts.length - 1)
  })

  it('reads later files although one is dated 2099', async () => {
    const connected = await connect()
    const first = await run(connected, 'files')
    expect(Date.parse((first.cursor as { since: string }).since)).toBeLessThanOrEqual(NOW)
    const members = { name: 'later.pdf', modifiedAt: new Date(NOW + 1_000).toISOString() }
    await connected.service.admin.edit({ stream: 'files', id: 'file-0000001' }, members)
    const second = await run(connected, 'files', first.cursor)
    expect(names(second.drafts)).toContain('later.pdf')
    expect(second.drafts.length).toBeLessThan(4)
  })

  it('reads a calendar’s changes by sync token, and says when the token is too old', async () => {
    const connected = await connect()
    const first = await run(connected, 'events', undefined, 'work')
    await connected.service.admin.edit({ stream: 'events', id: 'work-event-0000011' }, { title: 'Moved' })
    await connected.service.admin.remove({ stream: 'events', id: 'work-event-0000012' })
    const second = await run(connected, 'events', first.cursor, 'work')
    expect([names(second.drafts), second.deletedIds]).toEqual([['Moved'], ['work-event-0000012']])
    await connected.service.admin.expireCursors()
    await expect(run(connected, 'events', second.cursor, 'work')).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
  })

  it('calls a page of another form PROVIDER_CHANGED and quotes nothing of it', async () => {
    const { http, settings, account } = await connect()
    const odd: ProviderHttp = {
      ...http,
      get: async () => ({ status: 200, headers: {}, json: { changes: 'SECRET', more: 1 } }),
    }
    const read = stream('posts').fetchPage(odd, undefined, {
      settings,
      fields: NO_FIELDS,
      account,
      now: NOW,
      signal: abort.signal,
      partition: '',
    })
    await expect(read).rejects.toMatchObject({ code: 'PROVIDER_CHANGED' })
    await expect(read).rejects.not.toThrow(/SECRET/)
  })

  it('ends the grant when it is revoked', async () => {
    const { service, tokens, http, settings } = await connect()
    if (typeof provider.revoke !== 'function') throw new Error('revoke is a function')
    const held = {
      accessToken: new Redacted(tokens.access_token),
      refreshToken: new Redacted(tokens.refresh_token),
    }
    await provider.revoke(http, { settings, fields: NO_FIELDS, tokens: held })
    expect((await call(service, tokens.access_token, '/api/me')).status).toBe(401)
    expect((await refresh(service, tokens.refresh_token)).body.error).toBe('invalid_grant')
  })
})
