import { describe, expect, it } from 'vitest'
import { call, EVENTS, FILES, FOLLOWINGS, POSTS, readAll, signIn, start } from './journey.js'

const ids = (rows: readonly { readonly id: unknown }[]) => rows.map((row) => String(row.id))

describe('content', () => {
  it('is the same for the same seed, another for another seed and person', async () => {
    const [one, same, other] = [await start(), await start(), await start({ seed: 'other' })]
    const text = async (service: typeof one, person?: string) =>
      (
        await call(
          service,
          (await signIn(service, person === undefined ? {} : { person })).access_token,
          '/api/posts',
        )
      ).text
    const first = await text(one)
    expect(await text(same)).toBe(first)
    expect(await text(other)).not.toBe(first)
    expect(await text(one, 'jonas')).not.toBe(first)
  })

  it('holds what breaks careless readers', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const { text } = await call(service, token, '/api/posts')
    expect(text).toContain('"id":9007199254740993,')
    expect(text).toContain('"id":9007199254740992,')
    expect(text).toMatch(/cut off here: \\ud83d and/)
    expect(text).toContain('\\u0000')
    expect(text).toContain('Cafe\u0301')
    expect(text).toContain('<script>alert')
    expect(text).toMatch(/\p{Script=Arabic}/u)
    expect(text).toMatch(/\p{Script=Han}/u)
    expect(text).toMatch(/\p{Emoji_Presentation}/u)
    expect(text).toContain('"html":null')
    const { rows } = await readAll(service, token, POSTS)
    expect(Math.max(...rows.map((row) => String(row['text']).length))).toBeGreaterThan(2_000)
  })

  it('is made only when it is asked for', async () => {
    const service = await start({ posts: 50_000_000 })
    const { access_token: token } = await signIn(service)
    expect((await call(service, token, '/api/posts')).json['changes']).toHaveLength(100)
  })
})

describe('paging', () => {
  it.each([
    ['posts', POSTS, 250, [100, 100, 50]],
    ['followings', FOLLOWINGS, 210, [100, 100, 10]],
    ['files', FILES, 130, [100, 30]],
    ['events of a calendar', EVENTS, 150, [100, 50]],
  ])('gives every one of the %s once', async (_name, list, count, sizes) => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const read = await readAll(service, token, list)
    expect(read.sizes).toEqual(sizes)
    // The two ids beyond 2^53 become one in JSON.parse, which is what they are for.
    expect(new Set(ids(read.rows)).size).toBe(list === POSTS ? count - 1 : count)
  })

  it('refuses foreign and broken cursors, and lets none be used by another person', async () => {
    const service = await start()
    const maya = (await signIn(service)).access_token
    const jonas = (await signIn(service, { person: 'jonas' })).access_token
    const cursor = String((await call(service, maya, '/api/posts')).json['cursor'])
    expect((await call(service, jonas, `/api/posts?cursor=${cursor}`)).status).toBe(400)
    expect((await call(service, maya, `/api/followings?page=${cursor}`)).status).toBe(400)
    expect((await call(service, maya, '/api/posts?cursor=%00garbage')).status).toBe(400)
    expect((await call(service, maya, `/api/posts?cursor=${cursor}&cursor=${cursor}`)).status).toBe(400)
    expect((await call(service, maya, `/api/posts?cursor=${cursor}`)).status).toBe(200)
  })

  it('stays whole while items are edited and deleted between the pages', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const first = await call(service, token, '/api/followings')
    await service.admin.remove({ stream: 'followings', id: 'user-0000003' })
    await service.admin.edit({ stream: 'followings', id: 'user-0000150' }, { name: 'Edited' })
    const rest = await readAll(service, token, FOLLOWINGS, String(first.json['next']))
    expect(rest.rows).toHaveLength(110)
    expect(rest.rows.find((row) => row.id === 'user-0000150')?.['name']).toBe('Edited')
  })
})

describe('the change feed of posts', () => {
  it('tells edits, deletions and additions after a cursor, each once and at its newest', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const first = await readAll(service, token, POSTS)
    const cursor = String(first.last['cursor'])
    expect((await readAll(service, token, POSTS, cursor)).rows).toEqual([])

    const { admin } = service
    await admin.edit({ stream: 'posts', id: 'post-0000100' }, { text: 'first' })
    await admin.edit({ stream: 'posts', id: 'post-0000100' }, { text: 'second' })
    await admin.edit({ stream: 'posts', id: 'post-0000101' }, { text: 'soon gone' })
    await admin.remove({ stream: 'posts', id: 'post-0000101' })
    await admin.remove({ stream: 'posts', id: '9007199254740993' })
    const added = await admin.add({ stream: 'posts' }, { text: 'new here' })

    const { text, json } = await call(service, token, `/api/posts?cursor=${cursor}`)
    const rows = json['changes'] as { id: string; text?: string; deleted?: true; updatedAt?: string }[]
    expect(rows.map((row) => row.text ?? row.deleted)).toEqual(['second', true, true, 'new here'])
    expect(text).toContain('{"id":9007199254740993,"deleted":true}')
    expect(rows[3]?.id).toBe(added?.id)
    expect(Date.now() - Date.parse(rows[0]?.updatedAt ?? '')).toBeLessThan(60_000)

    const again = await readAll(service, token, POSTS)
    expect(again.rows.filter((row) => row.deleted)).toHaveLength(2)
    expect(again.rows).toHaveLength(251)
    expect(again.rows.filter((row) => row.id === 'post-0000100')).toHaveLength(1)
  })

  it('brings back what was deleted and edited again as gone, not as found', async () => {
    const service = await start()
    expect(await service.admin.remove({ stream: 'posts', id: 'post-0000020' })).toBe(true)
    expect(await service.admin.remove({ stream: 'posts', id: 'post-0000020' })).toBe(false)
    expect(await service.admin.edit({ stream: 'posts', id: 'post-0000020' }, { text: 'x' })).toBeUndefined()
    expect(await service.admin.edit({ stream: 'posts', id: 'post-9999999' }, { text: 'x' })).toBeUndefined()
    expect(service.admin.ids({ stream: 'posts' })).not.toContain('post-0000020')
  })
})

describe('files', () => {
  it('come by time of change, narrowed by since', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const { rows } = await readAll(service, token, FILES)
    const times = rows.map((row) => String(row['modifiedAt']))
    expect(times).toEqual([...times].sort())
    expect(times.at(-1)).toBe('2099-12-31T23:59:59.000Z')
    const since = times[60] ?? ''
    const later = await readAll(service, token, { ...FILES, path: `/api/files?since=${since}` })
    expect(later.rows).toEqual(rows.slice(60))
    await service.admin.edit({ stream: 'files', id: 'file-0000000' }, { name: 'renamed.pdf' })
    const changed = await readAll(service, token, {
      ...FILES,
      path: `/api/files?since=${new Date(Date.now() - 60_000).toISOString()}`,
    })
    expect(ids(changed.rows)).toEqual(['file-0000000', 'file-0000008'])
    expect((await call(service, token, '/api/files?since=yesterday')).status).toBe(400)
  })
})

describe('events', () => {
  it('come by calendar, then as changes by sync token', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const calendars = (await call(service, token, '/api/calendars')).json['calendars'] as { id: string }[]
    expect(ids(calendars)).toEqual(['work', 'home', 'reading'])
    const first = await readAll(service, token, EVENTS)
    const byToken = { ...EVENTS, parameter: 'syncToken' }
    await service.admin.edit({ stream: 'events', id: 'work-event-0000030' }, { title: 'Moved' })
    await service.admin.remove({ stream: 'events', id: 'work-event-0000031' })
    await service.admin.edit({ stream: 'events', id: 'home-event-0000031' }, { title: 'Elsewhere' })
    const later = await readAll(service, token, byToken, String(first.last['syncToken']))
    expect(later.rows.map((row) => row['title'] ?? row.deleted)).toEqual(['Moved', true])
    expect((await call(service, token, '/api/calendars/none/events')).status).toBe(404)
  })

  it('tells at the sync token what changed while the pages were read', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const first = await call(service, token, EVENTS.path)
    await service.admin.edit({ stream: 'events', id: 'work-event-0000001' }, { title: 'Behind the reader' })
    const rest = await readAll(service, token, EVENTS, String(first.json['nextPage']))
    const later = await readAll(
      service,
      token,
      { ...EVENTS, parameter: 'syncToken' },
      String(rest.last['syncToken']),
    )
    expect(later.rows.map((row) => row['title'])).toEqual(['Behind the reader'])
  })
})
