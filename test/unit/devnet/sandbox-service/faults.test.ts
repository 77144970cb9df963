import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../../src/devnet/sandbox-service/index.js'
import {
  call,
  EVENTS,
  FILES,
  FOLLOWINGS,
  newVerifier,
  authorizeUrl,
  POSTS,
  readAll,
  refresh,
  signIn,
  start,
} from './journey.js'

async function ready(fault: Fault, more: { readonly after?: number; readonly times?: number } = {}) {
  const service = await start()
  const { access_token: token } = await signIn(service)
  service.admin.setFault({ route: 'posts', fault, ...more })
  return { service, token }
}

const get = (origin: string, token: string, signal?: AbortSignal) =>
  fetch(`${origin}/api/posts`, { headers: { authorization: `Bearer ${token}` }, ...(signal && { signal }) })

describe('a fault switch', () => {
  it('hits the calls it names and no others', async () => {
    const { service, token } = await ready({ kind: 'status', status: 500 }, { after: 1, times: 2 })
    const statuses: number[] = []
    for (let n = 0; n < 4; n++) statuses.push((await call(service, token, '/api/posts')).status)
    expect(statuses).toEqual([200, 500, 500, 200])
    expect((await call(service, token, '/api/files')).status).toBe(200)
  })

  it('holds until cleared when asked', async () => {
    const { service, token } = await ready({ kind: 'status', status: 503 }, { times: Infinity })
    for (let n = 0; n < 3; n++) expect((await call(service, token, '/api/posts')).status).toBe(503)
    service.admin.clearFaults()
    expect((await call(service, token, '/api/posts')).status).toBe(200)
  })

  it('answers 429 with Retry-After in seconds, as a date, or not at all', async () => {
    const { service, token } = await ready({ kind: 'status', status: 429, retryAfterS: 2 })
    service.admin.setFault({
      route: 'posts',
      fault: { kind: 'status', status: 429, retryAfterS: 30, retryAfterAs: 'date' },
    })
    service.admin.setFault({ route: 'posts', fault: { kind: 'status', status: 429 } })
    const waits: (string | null)[] = []
    for (let n = 0; n < 3; n++) {
      const answer = await call(service, token, '/api/posts')
      expect(answer.status).toBe(429)
      waits.push(answer.headers.get('retry-after'))
    }
    expect(waits[0]).toBe('2')
    expect(waits[1]).toMatch(/^\w{3}, \d\d \w{3} \d{4} .* GMT$/)
    const waitMs = Date.parse(waits[1] ?? '') - Date.now()
    expect(waitMs).toBeGreaterThan(20_000)
    expect(waitMs).toBeLessThanOrEqual(30_000)
    expect(waits[2]).toBeNull()
  })

  it('answers 401 to a good token, once', async () => {
    const { service, token } = await ready({ kind: 'unauthorized' })
    const refused = await call(service, token, '/api/posts')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('invalid_token')
    expect((await call(service, token, '/api/posts')).status).toBe(200)
  })

  it('resets the connection', async () => {
    const { service, token } = await ready({ kind: 'reset' })
    await expect(get(service.origin, token)).rejects.toThrow()
    expect((await get(service.origin, token)).status).toBe(200)
  })

  it('hangs until the caller or the service ends it', async () => {
    const { service, token } = await ready({ kind: 'hang' }, { times: 2 })
    await expect(get(service.origin, token, AbortSignal.timeout(150))).rejects.toThrow(/abort|timeout/i)
    const hanging = get(service.origin, token)
    const ended = expect(hanging).rejects.toThrow()
    await expect.poll(() => service.admin.counts().calls.posts).toBe(2)
    await service.close()
    await ended
  })

  it('waits, or drips', async () => {
    const { service, token } = await ready({ kind: 'slow', delayMs: 200 })
    const began = performance.now()
    const whole = await (await get(service.origin, token)).text()
    expect(performance.now() - began).toBeGreaterThanOrEqual(190)
    service.admin.setFault({ route: 'posts', fault: { kind: 'slow', bytesPerS: whole.length * 4 } })
    const again = performance.now()
    expect(await (await get(service.origin, token)).text()).toBe(whole)
    expect(performance.now() - again).toBeGreaterThan(150)
  })

  it('answers a web page', async () => {
    const { service, token } = await ready({ kind: 'html' })
    const answer = await get(service.origin, token)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  })

  it('sends half of the JSON as if it were whole', async () => {
    const { service, token } = await ready({ kind: 'truncated' })
    const answer = await get(service.origin, token)
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(() => JSON.parse(text) as unknown).toThrow()
  })

  it('breaks the connection in the middle', async () => {
    const { service, token } = await ready({ kind: 'cut' })
    await expect(get(service.origin, token).then((answer) => answer.text())).rejects.toThrow()
  })
})

describe('a fault of paging', () => {
  it.each([
    ['posts', POSTS],
    ['followings', FOLLOWINGS],
    ['files', FILES],
    ['events', EVENTS],
  ] as const)('puts an empty page in the middle of %s and loses nothing', async (route, list) => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const whole = await readAll(service, token, list)
    service.admin.setFault({ route, fault: { kind: 'emptyPage' }, after: 1 })
    const faulted = await readAll(service, token, list)
    expect(faulted.sizes[1]).toBe(0)
    expect(faulted.rows).toEqual(whole.rows)
  })

  it('gives a page twice, under two cursors', async () => {
    const { service, token } = await ready({ kind: 'duplicatePage' }, { after: 1 })
    const { sizes, rows } = await readAll(service, token, POSTS)
    expect(sizes).toEqual([100, 100, 100, 50])
    expect(rows.slice(100, 200)).toEqual(rows.slice(200, 300))
  })

  it('loops with the cursor it was given', async () => {
    const { service, token } = await ready({ kind: 'loopingCursor' }, { after: 1, times: Infinity })
    const cursor = (await call(service, token, '/api/posts')).json['cursor']
    const second = await call(service, token, `/api/posts?cursor=${String(cursor)}`)
    expect(second.json).toMatchObject({ cursor, more: true })
    const first = await call(service, token, '/api/posts')
    const again = await call(service, token, `/api/posts?cursor=${String(first.json['cursor'])}`)
    expect(again.json['cursor']).toBe(first.json['cursor'])
  })

  it('calls a cursor too old once, but serves a call without one', async () => {
    const { service, token } = await ready({ kind: 'expiredCursor' }, { after: 1, times: 2 })
    const cursor = String((await call(service, token, '/api/posts')).json['cursor'])
    const statuses: number[] = []
    for (const query of [`?cursor=${cursor}`, '', `?cursor=${cursor}`]) {
      statuses.push((await call(service, token, `/api/posts${query}`)).status)
    }
    expect(statuses).toEqual([410, 200, 200])
  })

  it('calls every cursor given out so far too old, for good', async () => {
    const service = await start()
    const { access_token: token } = await signIn(service)
    const before = String((await readAll(service, token, EVENTS)).last['syncToken'])
    await service.admin.expireCursors()
    const path = (given: string) => `/api/calendars/work/events?syncToken=${given}`
    expect((await call(service, token, path(before))).status).toBe(410)
    const after = String((await readAll(service, token, EVENTS)).last['syncToken'])
    expect((await call(service, token, path(after))).status).toBe(200)
    expect((await call(service, token, path(before))).status).toBe(410)
  })
})

describe('a fault of the OAuth server', () => {
  it('loses the answer of a refresh after the rotation', async () => {
    const service = await start()
    const first = await signIn(service)
    service.admin.setFault({ route: 'token', fault: { kind: 'lost' } })
    await expect(refresh(service, first.refresh_token)).rejects.toThrow()
    expect(service.admin.counts().refreshes).toBe(1)
    expect((await refresh(service, first.refresh_token)).body.error).toBe('invalid_grant')
  })

  it('fails before the rotation when it answers 500', async () => {
    const service = await start()
    const first = await signIn(service)
    service.admin.setFault({ route: 'token', fault: { kind: 'status', status: 500 } })
    expect((await refresh(service, first.refresh_token)).status).toBe(500)
    expect((await refresh(service, first.refresh_token)).status).toBe(200)
  })

  it('also stands at the consent page', async () => {
    const service = await start()
    service.admin.setFault({ route: 'authorize', fault: { kind: 'status', status: 503 } })
    expect((await fetch(authorizeUrl(service, newVerifier()))).status).toBe(503)
    expect((await fetch(authorizeUrl(service, newVerifier()))).status).toBe(200)
  })
})
