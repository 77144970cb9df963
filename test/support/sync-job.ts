/** A sync job over hand-made streams, for tests of single stages. */
import { NO_FIELDS, z } from '../../src/provider/index.js'
import {
  defineProvider,
  defineStream,
  type AnyStream,
  type Page,
  type Json,
} from '../../src/provider/index.js'
import type { SyncJob, SyncStream } from '../../src/sync/job.js'

export const POST_SCHEMA = 'https://common.schemas.verida.io/social/post/v0.1.0/schema.json'

/** A stream of posts whose pages come from `pages`, by cursor. */
export function postStream(
  fetchPage: (cursor: number | undefined, partition: string) => Promise<Page<Json>>,
  facts: Partial<Pick<AnyStream, 'name' | 'deletes' | 'partitions' | 'map'>> = {},
): SyncStream {
  const stream: AnyStream = defineStream({
    name: 'posts',
    label: 'Posts',
    schema: 'social/post',
    cursor: z.number(),
    item: z.looseObject({ id: z.string(), at: z.string(), text: z.string().optional() }),
    deletes: 'none',
    incremental: true,
    fetchPage: (_http, cursor, { partition }) => fetchPage(cursor, partition) as Promise<Page<number>>,
    map: (item) => ({
      sourceId: item.id,
      insertedAt: item.at,
      fields: { name: item.text ?? '', type: 'status', uri: `https://x.test/${item.id}` },
    }),
  })
  return { stream: { ...stream, ...facts }, schema: POST_SCHEMA, wish: {} }
}

const provider = defineProvider({
  id: 'test',
  label: 'Test',
  description: 'For tests',
  category: 'development',
  homepage: 'https://x.test',
  icon: 'icon.svg',
  revision: 1,
  hosts: ['x.test'],
  settings: {},
  auth: [
    { kind: 'oauth2', authorize: 'https://x.test/a', token: 'https://x.test/t', scopes: {}, refresh: false },
  ],
  account: async () => ({ id: '1', name: 'One' }),
  revoke: { unsupported: 'tests' },
  streams: [],
})

/** Throws at any use. */
export const untouchable = (name: string): object =>
  new Proxy(
    {},
    {
      get: (_target, member) => {
        throw new Error(`${name}.${String(member)} was used`)
      },
    },
  )

/** A job with everything that a single stage may read; what a stage may not touch throws. */
export function testJob(streams: readonly SyncStream[], overrides: Partial<SyncJob> = {}): SyncJob {
  return {
    syncId: 'sync',
    connectionId: 'connection',
    leaseNumber: 1,
    provider,
    fields: NO_FIELDS,
    settings: {},
    account: { id: '1', name: 'One' },
    http: untouchable('http') as SyncJob['http'],
    streams,
    run: untouchable('run') as SyncJob['run'],
    clock: { now: () => 1_000 },
    limits: { ms: 20_000, records: 5_000, bytes: 64_000_000 },
    fetchUntilMs: 100_000,
    confirmDeletes: false,
    liveTokens: () => [],
    signal: new AbortController().signal,
    fetchSignal: new AbortController().signal,
    wrapUp: new AbortController().signal,
    onProgress: () => undefined,
    ...overrides,
  }
}
