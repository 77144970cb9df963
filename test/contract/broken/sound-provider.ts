/** A sound provider, which each `provider-*.ts` beside it spoils in one way; the proof that the suite tells them apart. */
import type { Json, JsonObject } from '../../../src/lib/canonical-json.js'
import {
  defineProvider,
  defineStream,
  excerpt,
  readAnswer,
  reveal,
  secret,
  skip,
  text,
  z,
  type AnyStream,
  type Draft,
  type OAuth2,
  type Provider,
} from '../../../src/provider/index.js'
import type { Exchange, Outcome, ProviderCase, StreamFixtures } from '../../support/provider-case.js'

export const API = 'https://api.sound.example'
export const postsPage = z.object({ posts: z.array(z.unknown()), next: z.string(), more: z.boolean() })
export const post = z.looseObject({
  id: z.string().min(1),
  text: z.string(),
  draft: z.boolean().optional(),
  url: z.string(),
  createdAt: z.string(),
})

export const soundStream: AnyStream = defineStream({
  name: 'posts',
  label: 'Posts',
  schema: 'social/post',
  scopes: ['posts'],
  cursor: z.string(),
  item: post,
  deletes: 'none',
  incremental: true,
  async fetchPage(http, cursor) {
    const page = readAnswer(postsPage, await http.get(`${API}/posts`, { query: { after: cursor } }))
    return { items: page.posts, cursor: page.next, more: page.more }
  },
  map: (item) => (item.draft === true ? skip('draft') : draftOf(item)),
})

export function draftOf(item: z.output<typeof post>): Draft {
  return {
    sourceId: item.id,
    insertedAt: item.createdAt,
    fields: { name: excerpt(item.text, 80) ?? 'Untitled', type: 'status', content: item.text, uri: item.url },
  }
}

export const soundAuth: OAuth2 = {
  kind: 'oauth2',
  authorize: `${API}/authorize`,
  token: `${API}/token`,
  scopes: { profile: 'To show whose account it is', posts: 'To copy posts' },
  refresh: true,
}

export const soundProvider: Provider = defineProvider({
  id: 'sound',
  label: 'Sound',
  description: 'Does everything right.',
  category: 'development',
  homepage: 'https://sound.example',
  icon: 'icon.svg',
  revision: 1,
  hosts: ['api.sound.example'],
  settings: { clientId: text(), clientSecret: secret() },
  auth: [soundAuth],
  account: async (http) =>
    readAnswer(z.object({ id: z.string(), name: z.string() }), await http.get(`${API}/me`)),
  revoke: async (http, { tokens }) => {
    await http.post(`${API}/revoke`, { form: { token: reveal(tokens.refreshToken ?? tokens.accessToken) } })
  },
  streams: [soundStream],
})

export const item = (n: number, changes: JsonObject = {}): JsonObject => ({
  id: `p-${n}`,
  text: `Post number ${n}.`,
  url: `https://sound.example/p/${n}`,
  createdAt: `2024-01-0${n}T10:00:00Z`,
  ...changes,
})

export const record = (n: number): Draft => ({
  sourceId: `p-${n}`,
  insertedAt: `2024-01-0${n}T10:00:00Z`,
  modifiedAt: `2024-01-0${n}T10:00:00Z`,
  fields: {
    name: `Post number ${n}.`,
    type: 'status',
    content: `Post number ${n}.`,
    uri: `https://sound.example/p/${n}`,
  },
})

export const page = (request: string, posts: readonly Json[], next: string, more: boolean): Exchange => ({
  request: `GET ${API}${request}`,
  body: { posts, next, more },
})

export const outcome = (...numbers: readonly number[]): Outcome => ({
  records: numbers.map(record),
  skipped: {},
  refused: 0,
  deletedIds: [],
})

export const soundFixtures: StreamFixtures = {
  pages: [
    page('/posts', [item(1), item(2)], 'place-2', true),
    page('/posts?after=place-2', [item(3)], 'place-3', false),
  ],
  later: [page('/posts?after=place-3', [item(4)], 'place-4', false)],
  content: [],
  expected: { first: outcome(1, 2, 3), later: outcome(4) },
  hostile: [
    { why: 'a draft', item: item(1, { draft: true }), outcome: 'skipped: draft' },
    { why: 'no text', item: item(1, { text: null }), outcome: 'refused' },
    { why: 'a time that is no time', item: item(1, { createdAt: 'soon' }), outcome: 'refused' },
  ],
}

const soundReadme = `# Sound

## Register the application

Set \`SOUND_CLIENT_ID\` and \`SOUND_CLIENT_SECRET\`.

## Scopes

- \`profile\`: whose account it is.
- \`posts\`: the posts.

## Rate limits

## Known gaps

## Fixtures

## Links
`

export const soundCase: ProviderCase = {
  name: 'sound',
  path: 'providers/sound',
  provider: soundProvider,
  example: false,
  listed: true,
  readme: soundReadme,
  icon: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M1 1h6v6z"/></svg>',
  indexLines: 50,
  calls: {
    account: [{ request: `GET ${API}/me`, body: { id: 'u-1', name: 'Nadia' } }],
    token: [{ request: `POST ${API}/token`, body: { access_token: 'a', refresh_token: 'r' } }],
    revoke: [{ request: `POST ${API}/revoke`, body: null }],
  },
  fieldTexts: {},
  failures: [],
  sources: { 'posts.ts': "import { defineStream } from '../../src/provider/index.js'" },
  streams: { posts: soundFixtures },
}

/** The sound case with other facts of its provider. */
export function withFacts(facts: Partial<Provider>, changes: Partial<ProviderCase> = {}): ProviderCase {
  return { ...soundCase, provider: { ...soundProvider, ...facts }, ...changes }
}

/** The sound case with another stream, and other fixtures where it needs some. */
export function withStream(stream: Partial<AnyStream>, fixtures: Partial<StreamFixtures> = {}): ProviderCase {
  return {
    ...withFacts({ streams: [{ ...soundStream, ...stream }] }),
    streams: { posts: { ...soundFixtures, ...fixtures } },
  }
}
