import { describe, expect, it } from 'vitest'
import type { SandboxService } from '../../../../src/devnet/sandbox-service/index.js'
import { call, EVENTS, FILES, FOLLOWINGS, POSTS, readAll, refresh, signIn, start } from './journey.js'

async function command(service: SandboxService, name: string, body: unknown = {}, token = 'operator') {
  const answer = await fetch(`${service.origin}/admin/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
}

describe('the operator over HTTP', () => {
  it('is there only when asked for, and only with the token', async () => {
    expect((await command(await start(), 'counts')).status).toBe(404)
    const service = await start({ adminToken: 'operator' })
    expect((await command(service, 'counts', {}, 'guess')).status).toBe(401)
    expect((await fetch(`${service.origin}/admin/counts`, { method: 'POST' })).status).toBe(401)
    expect((await command(service, 'counts')).status).toBe(200)
  })

  it('adds, reads, edits and removes', async () => {
    const service = await start({ adminToken: 'operator' })
    const list = { stream: 'followings', person: 'jonas' }
    const added = await command(service, 'add', { ...list, members: { name: 'Newcomer' } })
    expect(added.json).toMatchObject({ id: 'user-0000210', name: 'Newcomer' })
    const item = { ...list, id: 'user-0000210' }
    expect((await command(service, 'edit', { ...item, members: { bio: 'here' } })).json['bio']).toBe('here')
    expect((await command(service, 'read', item)).json).toMatchObject({ name: 'Newcomer', bio: 'here' })
    const { access_token: token } = await signIn(service, { person: 'jonas' })
    expect((await readAll(service, token, FOLLOWINGS)).rows.at(-1)).toMatchObject({
      name: 'Newcomer',
      bio: 'here',
    })
    expect((await command(service, 'remove', item)).json).toEqual({ removed: true })
    expect((await readAll(service, token, FOLLOWINGS)).rows).toHaveLength(210)
    expect((await command(service, 'ids', list)).json['ids']).toHaveLength(210)
  })

  it('sets faults and counts calls', async () => {
    const service = await start({ adminToken: 'operator' })
    const { access_token: token } = await signIn(service)
    await command(service, 'fault', { route: 'me', fault: { kind: 'status', status: 500 }, times: null })
    expect((await call(service, token, '/api/me')).status).toBe(500)
    expect((await call(service, token, '/api/me')).status).toBe(500)
    await command(service, 'clear-faults')
    expect((await call(service, token, '/api/me')).status).toBe(200)
    expect((await command(service, 'counts')).json['calls']).toMatchObject({
      me: 3,
      token: 1,
      authorize: 1,
      posts: 0,
    })
    await command(service, 'reset-counts')
    expect((await command(service, 'counts')).json['calls']).toMatchObject({ me: 0 })
  })

  it.each([
    ['edit', { stream: 'posts', id: 5, members: {} }],
    ['edit', { stream: 'nothing', id: 'post-0000001', members: {} }],
    ['fault', { route: 'posts', fault: { kind: 'meteor' } }],
    ['fault', { route: 'posts', fault: { kind: 'status', status: 7 } }],
    ['register-redirect-uri', { uri: 'not an address' }],
  ])('refuses a bad %s', async (name, body) => {
    const service = await start({ adminToken: 'operator' })
    const answer = await command(service, name, body)
    expect(answer.status).toBe(400)
    expect(answer.json['error']).toMatchObject({ code: 'invalid_command' })
  })
})

describe('the operator', () => {
  it('plants a marker in every stream, as ordinary changes', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const before = String((await readAll(service, token, POSTS)).last['cursor'])
    expect(await service.admin.plantMarker('CANARY-7f3a', { perStream: 2 })).toBe(8)
    const changed = await readAll(service, token, POSTS, before)
    expect(changed.rows.map((row) => row['text'])).toEqual(['Marked: CANARY-7f3a', 'Marked: CANARY-7f3a'])
    for (const list of [FOLLOWINGS, FILES, EVENTS]) {
      const { rows } = await readAll(service, token, list)
      expect(rows.filter((row) => JSON.stringify(row).includes('CANARY-7f3a'))).toHaveLength(2)
    }
  })

  it('ends access tokens without ending grants, and grants with all their tokens', async () => {
    const service = await start()
    const tokens = await signIn(service)
    await service.admin.expireAccessTokens()
    expect((await call(service, tokens.access_token, '/api/me')).status).toBe(401)
    const next = (await refresh(service, tokens.refresh_token)).body
    expect((await call(service, next.access_token, '/api/me')).status).toBe(200)
    await service.admin.revokeGrants()
    expect((await call(service, next.access_token, '/api/me')).status).toBe(401)
    expect((await refresh(service, next.refresh_token)).body.error).toBe('invalid_grant')
  })

  it('adds a calendar with a list of its own, and removes one with its events', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const calendar = await service.admin.add({ stream: 'calendars' }, { name: 'Garden' })
    const path = `/api/calendars/${calendar?.id ?? ''}/events`
    expect((await call(service, token, path)).json['items']).toEqual([])
    const added = await service.admin.add(
      { stream: 'events' },
      { calendarId: calendar?.id, title: 'Sow peas' },
    )
    expect((await call(service, token, path)).json['items']).toMatchObject([
      { id: added?.id, title: 'Sow peas' },
    ])
    await service.admin.remove({ stream: 'calendars', id: 'home' })
    expect((await call(service, token, '/api/calendars/home/events')).status).toBe(404)
    expect(await service.admin.add({ stream: 'events' }, { calendarId: 'home' })).toBeUndefined()
  })
})
