import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSandboxService } from '../../../../src/devnet/sandbox-service/index.js'
import {
  call,
  CALLBACK,
  exchange,
  getCode,
  newVerifier,
  POSTS,
  readAll,
  refresh,
  signIn,
  start,
  stop,
} from './journey.js'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-service-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a restart', () => {
  it('keeps origin, client, tokens, used codes and changes', async () => {
    const first = await start({ folder })
    const { port, client } = first
    const verifier = newVerifier()
    const code = await getCode(first, verifier)
    const tokens = (await exchange(first, code, verifier)).body
    await first.admin.edit({ stream: 'posts', id: 'post-0000050' }, { text: 'kept \ud800 over the restart' })
    const read = await readAll(first, tokens.access_token, POSTS)
    await stop(first)

    const second = await start({ folder, port, client: {} })
    expect(second.origin).toBe(first.origin)
    expect(second.client).toEqual(client)
    expect((await call(second, tokens.access_token, '/api/me')).status).toBe(200)
    expect(await readAll(second, tokens.access_token, POSTS)).toEqual(read)
    const cursor = String(read.last['cursor'])
    expect((await readAll(second, tokens.access_token, POSTS, cursor)).rows).toEqual([])
    const rotated = (await refresh(second, tokens.refresh_token)).body
    expect((await call(second, rotated.access_token, '/api/me')).status).toBe(200)
    expect((await exchange(second, code, verifier)).body.error).toBe('invalid_grant')
    expect((await call(second, rotated.access_token, '/api/me')).status).toBe(401)
  })

  it('still knows a refresh token that was used before it', async () => {
    const first = await start({ folder })
    const tokens = await signIn(first)
    const rotated = (await refresh(first, tokens.refresh_token)).body
    await stop(first)
    const second = await start({ folder })
    expect((await refresh(second, tokens.refresh_token)).body.error).toBe('invalid_grant')
    expect((await refresh(second, rotated.refresh_token)).body.error).toBe('invalid_grant')
  })

  it('has other content expire cursors instead of misreading them', async () => {
    const first = await start({ folder })
    const { access_token: token } = await signIn(first)
    const cursor = String((await call(first, token, '/api/posts')).json['cursor'])
    await stop(first)
    const second = await start({ folder, posts: 300 })
    expect((await call(second, token, `/api/posts?cursor=${cursor}`)).status).toBe(410)
  })

  it('keeps no token in its file, and the file to its owner', async () => {
    const service = await start({ folder })
    const tokens = await signIn(service)
    expect(await readdir(folder)).toEqual(['sandbox.json'])
    const file = join(folder, 'sandbox.json')
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain(tokens.access_token)
    expect(text).not.toContain(tokens.refresh_token)
    expect(text).not.toContain('sbx_')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('refuses a damaged file and leaves it alone', async () => {
    const file = join(folder, 'sandbox.json')
    await writeFile(file, '{"version":1,')
    const started = startSandboxService({ port: 0, host: '127.0.0.1', folder })
    await expect(started).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await readFile(file, 'utf8')).toBe('{"version":1,')
  })

  it('fails when its port is taken', async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('takes a redirect address that is registered later', async () => {
    const service = await start({ client: {} })
    await expect(signIn(service)).rejects.toMatchObject({ code: 'CONSENT_DENIED' })
    await service.admin.registerRedirectUri(CALLBACK)
    expect((await signIn(service)).scope).toContain('posts')
  })
})
