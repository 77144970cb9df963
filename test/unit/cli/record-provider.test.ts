/** A live reading as fixtures: against the sandbox service, and against one that hides what it must not tell in odd places. */
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.js'
import { dryRun } from '../../../src/cli/dry-run.js'
import { recordProvider } from '../../../src/cli/record-provider.js'
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import { loadProviderCase } from '../../support/load-provider-case.js'
import { replayOf } from '../../support/provider-replay.js'
import { outcomeOf, readRuns } from '../../support/provider-run.js'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const TOKEN = 'cnr-live-9f8e7d6c5b4a39281706f5e4d3c2b1a0'
const cleaning: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleaning.splice(0)) await clean()
})

async function copyOfSandbox(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'record-provider-'))
  cleaning.push(() => rm(folder, { recursive: true }))
  await symlink(join(project, 'src'), join(folder, 'src'))
  await cp(join(project, 'providers', 'sandbox'), join(folder, 'providers', 'sandbox'), { recursive: true })
  return join(folder, 'providers')
}

async function textsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.json'))
  const read = files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(read))
}

/** A service of the sandbox's form whose posts are these. */
async function hostile(posts: readonly JsonObject[], me: JsonObject = {}): Promise<Record<string, string>> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x.test')
    const empty = {
      data: [],
      next: null,
      files: [],
      nextPage: null,
      calendars: [],
      cursor: 'end',
      more: false,
    }
    const body = pathname.endsWith('/me')
      ? {
          id: 'quentin-8841',
          name: 'Quentin Abernathy',
          handle: 'qabernathy',
          avatarUrl: 'https://x.example/a',
          ...me,
        }
      : { ...empty, changes: pathname.endsWith('/posts') ? posts : [] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleaning.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return {
    SANDBOX_ORIGIN: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    SANDBOX_CLIENT_ID: 'client',
    SANDBOX_CLIENT_SECRET: 'the-client-secret-of-this-test',
    PROVIDER_CREDENTIALS: JSON.stringify({ access_token: TOKEN }),
  }
}

describe('against the sandbox service', () => {
  it('dry-run prints records and what they come to, and writes nothing', async () => {
    const lines: string[] = []
    const print = (line: string): void => void lines.push(line)
    // One post of the sandbox's first page is of a kind that the schema does not know.
    expect(await dryRun('sandbox', { stream: 'posts', pages: 1, environment: {}, print })).toBe(1)
    const [account = '', ...records] = lines
    expect(account).toMatch(/^account: \{"id":/)
    expect(records.some((line) => /^posts: REFUSED \S+: \S/.test(line))).toBe(true)
    expect(records.at(-1)).toMatch(/^posts: [1-9]\d* records, [1-9]\d* refused$/)
    const first = JSON.parse((records[0] ?? '').slice('posts: '.length)) as JsonObject
    expect(first).toMatchObject({ sourceApplication: 'https://sandbox.example' })
  })

  it('record saves fixtures that replay, under the same fakes in every file, sorted and without the account', async () => {
    const root = await copyOfSandbox()
    expect(
      await recordProvider('sandbox', { pages: 20, root, environment: {}, print: () => undefined }),
    ).toBe(0)
    const texts = await textsOf(join(root, 'sandbox', 'fixtures'))
    expect(Object.keys(texts)).toEqual(
      expect.arrayContaining(['account.json', 'posts/page-1.json', 'posts/page-2.json']),
    )
    const made = Object.entries(texts).filter(([file]) => /^account|(page|later)-\d+\.json$/.test(file))
    for (const [, text] of made) {
      expect(text).not.toMatch(/maya/i)
      const keys = Object.keys([JSON.parse(text) as object | object[]].flat()[0] ?? {})
      expect(keys).toEqual([...keys].sort())
    }
    const one = await loadProviderCase(root, 'sandbox', providers)
    for (const stream of one.provider.streams) {
      const { records } = outcomeOf(one, stream, await readRuns(one, stream, replayOf(one)))
      expect([stream.name, records.length > 0]).toEqual([stream.name, true])
    }
  })
})

describe('a service that hides things', () => {
  const item = (members: JsonObject): JsonObject => ({
    id: 'p-1',
    text: 'Lunch with Quentin at 5 Elm Street, call +44 20 7946 0958',
    createdAt: '2024-01-02T03:04:05Z',
    kind: 'status',
    visibility: 'public',
    url: 'https://x.example/p/1',
    media: [],
    ...members,
  })

  it('has its persons, ids, addresses and keys replaced, and keeps words, times and amounts', async () => {
    const environment = await hostile([
      item({
        status: 'published',
        currency: 'EUR',
        amount: '12.50',
        count: 3,
        author: { full_name: 'Zelda Quux', email: 'zelda@quux.example.net', phone: '0207 946 0958' },
        'zelda@quux.example.net': { seen: true },
        nested: [{ deep: { note: `copied: ${TOKEN}` } }, TOKEN],
        link: `https://files.example.net/d/8841?access_token=${TOKEN}`,
        blob: Buffer.from(`user:${TOKEN}`).toString('base64'),
        password_hint: 'the usual',
        born: '2024-01-01',
        birthday: '1971-05-06',
        latitude: 51.123456,
      }),
    ])
    const root = await copyOfSandbox()
    await recordProvider('sandbox', { pages: 1, root, environment, print: () => undefined })
    const text = (await textsOf(join(root, 'sandbox', 'fixtures')))['posts/page-1.json'] ?? ''
    for (const secret of [
      TOKEN,
      'Zelda',
      'Quux',
      'quux',
      'Quentin',
      'Elm',
      '0958',
      '1971',
      '51.1',
      'usual',
      'files.example',
    ])
      expect(text).not.toContain(secret)
    const [post] = (JSON.parse(text) as { body: { changes: JsonObject[] } }).body.changes
    expect(post).toMatchObject({
      status: 'published',
      currency: 'EUR',
      amount: '12.50',
      count: 3,
      createdAt: '2024-01-02T03:04:05Z',
      born: '2024-01-01',
      latitude: 0,
      password_hint: 'scrubbed',
    })
    expect((post?.['author'] as JsonObject)['email']).toMatch(/^person-\d+@example\.com$/)
  })

  it.each<readonly [string, JsonObject]>([
    ['a word that is the account’s own, among plain words', { status: 'x', colour: 'qabernathy' }],
    ['the token as a number of digits', { tags: { quentin: 1 } }],
  ])('replaces %s', async (_what, members) => {
    const root = await copyOfSandbox()
    const environment = await hostile([item(members)])
    await recordProvider('sandbox', { pages: 1, root, environment, print: () => undefined })
    const text = (await textsOf(join(root, 'sandbox', 'fixtures')))['posts/page-1.json'] ?? ''
    expect(text).not.toMatch(/quentin|abernathy/i)
  })

  it('that names people in plain words is refused: by file and place, without the value, and nothing is saved', async () => {
    const root = await copyOfSandbox()
    const before = await textsOf(join(root, 'sandbox', 'fixtures'))
    // A word of the account in pieces that come out of the scrubber as words of their own.
    const environment = await hostile([item({ kind: 'post' })], { name: 'Item Text' })
    const failed: unknown = await recordProvider('sandbox', {
      pages: 1,
      root,
      environment,
      print: () => undefined,
    }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'REQUEST_INVALID' })
    expect(String((failed as { detail?: string }).detail)).toMatch(
      /looks like something of this very account/,
    )
    expect(await textsOf(join(root, 'sandbox', 'fixtures'))).toEqual(before)
  })
})

describe('refused is', () => {
  it('an account that does not end, and nothing is saved', async () => {
    const root = await copyOfSandbox()
    const before = await textsOf(join(root, 'sandbox', 'fixtures'))
    const options = { pages: 1, root, environment: {}, print: () => undefined }
    await expect(recordProvider('sandbox', options)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      detail: expect.stringContaining('does not end in 1 pages') as string,
    })
    expect(await textsOf(join(root, 'sandbox', 'fixtures'))).toEqual(before)
  })

  it.each<readonly [string, string, Record<string, string>, string, string]>([
    ['an unknown provider', 'nobody', {}, 'PROVIDER_UNKNOWN', 'there is no provider nobody'],
    [
      'a provider without settings',
      'stripe',
      { PROVIDER_CREDENTIALS: 'x' },
      'CONFIG_INVALID',
      'PROVIDER_CREDENTIALS: is not a JSON object',
    ],
    ['no credentials', 'stripe', {}, 'REQUEST_INVALID', 'config.apiKey is needed'],
    [
      'another kind',
      'stripe',
      { PROVIDER_CREDENTIALS: '{"auth_kind":"basic"}' },
      'CONFIG_INVALID',
      'PROVIDER_CREDENTIALS: the provider has no such auth_kind',
    ],
  ])('%s', async (_what, id, environment, code, explanation) => {
    const options = { pages: 1, environment, print: () => undefined }
    await expect(dryRun(id, options)).rejects.toMatchObject({ code, explanation })
    await expect(recordProvider(id, options)).rejects.toMatchObject({ code, explanation })
  })

  it('a stream that the provider has not', async () => {
    await expect(dryRun('sandbox', { stream: 'nope', pages: 1, environment: {} })).rejects.toMatchObject({
      explanation: '--stream is one of posts, followings, files, calendars, events',
    })
  })
})
