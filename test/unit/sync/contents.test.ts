import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { schemaUri } from '../../../schemas/index.js'
import { NodeError } from '../../../src/errors.js'
import type { JsonObject } from '../../../src/lib/canonical-json.js'
import {
  defineStream,
  skip,
  z,
  type AnyStream,
  type Json,
  type ProviderHttp,
} from '../../../src/provider/index.js'
import { fileContents, type Store } from '../../../src/store/index.js'
import { CHUNK_BYTES } from '../../../src/sync/chunk-records.js'
import type { SyncJob, SyncStream } from '../../../src/sync/job.js'
import { openTestStore } from '../../support/database.js'
import { makeSyncBench, type SyncBench } from '../../support/sync-bench.js'
import { untouchable } from '../../support/sync-job.js'

const FILE = schemaUri('file')
const CHUNK = schemaUri('file/chunk')
const MB = 1_000_000

interface FakeFile {
  readonly id: string
  readonly version: string
  /** Missing: the service does not tell it. */
  readonly size?: number
  readonly name?: string
  readonly isNative?: boolean
}

let store: Store
let bench: SyncBench
/** What the service lists, in one page; and what it tells as deleted. */
let listed: readonly FakeFile[]
let deletedIds: readonly string[]
/** Bytes by id; an error is thrown when they are asked for. */
let contents: Record<string, Buffer | NodeError>
let asked: string[]

beforeAll(async () => {
  store = await openTestStore('pglite')
})
afterAll(() => store.close())
beforeEach(async () => {
  bench = await makeSyncBench(store)
  ;[listed, deletedIds, contents, asked] = [[], [], {}, []]
})

const files: AnyStream = defineStream({
  name: 'files',
  label: 'Files',
  schema: 'file',
  cursor: z.number(),
  item: z.looseObject({
    id: z.string(),
    version: z.string(),
    size: z.number().optional(),
    name: z.string().optional(),
    isNative: z.boolean().optional(),
  }),
  deletes: 'feed',
  incremental: true,
  fetchPage: async (_http, cursor) => ({
    items: listed,
    deletedIds,
    cursor: (cursor ?? 0) + 1,
    more: false,
  }),
  map: ({ id, size, name }) => ({
    sourceId: id,
    fields: { name: name ?? id, extension: 'bin', mimeType: 'application/x-test', size: size ?? 0 },
  }),
  content: {
    of: ({ id, version, size, isNative }) =>
      isNative === true
        ? skip('native')
        : { version, url: `https://x.test/${id}`, ...(size !== undefined && { sizeBytes: size }) },
  },
})

const BLOCK = 65_536
/** The most that was handed out before the destination had taken what came before. */
let ahead = { most: 0, sent: 0, taken: 0 }

const http = {
  ...(untouchable('http') as ProviderHttp),
  async download(url: string | URL, { maxBytes = 0 } = {}) {
    const id = String(url).split('/').at(-1) ?? ''
    asked.push(id)
    const bytes = contents[id]
    if (bytes === undefined) throw new NodeError('PROVIDER_CHANGED')
    if (bytes instanceof NodeError) throw bytes
    ahead = { most: 0, sent: 0, taken: 0 }
    return { headers: {}, body: blocksOf(bytes, maxBytes) }
  },
}

async function* blocksOf(bytes: Buffer, maxBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BLOCK) {
    if (at + BLOCK > maxBytes) throw new NodeError('FILE_TOO_LARGE')
    ahead.sent += BLOCK
    ahead.most = Math.max(ahead.most, ahead.sent - ahead.taken)
    yield bytes.subarray(at, at + BLOCK)
  }
}

const streamWith = (maxBytes: number | null, revision = 1): SyncStream => ({
  stream: files,
  schema: FILE,
  wish: {},
  content: { maxBytes, revision, schema: CHUNK },
})

const sync = (
  maxBytes: number | null = 10 * MB,
  changes: Partial<SyncJob> & { readonly revision?: number } = {},
) => {
  const { revision, ...job } = changes
  return bench.sync([streamWith(maxBytes, revision)], { http, ...job })
}

/** Not compressible, and not the same twice. */
const bytesOf = (seed: string, length: number): Buffer => {
  const parts: Buffer[] = []
  for (let made = 0, n = 0; made < length; made += 64, n += 1)
    parts.push(createHash('sha512').update(`${seed} ${n}`).digest())
  return Buffer.concat(parts).subarray(0, length)
}
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const fileIdOf = (id: string): string => bench.destination.documentId(FILE, 'files', id)
const contentOf = (id: string): Json | undefined =>
  bench.destination.records(FILE).get(fileIdOf(id))?.['content']

const chunks = (id?: string): readonly JsonObject[] =>
  [...bench.destination.records(CHUNK).values()]
    .filter((chunk) => id === undefined || chunk['fileId'] === fileIdOf(id))
    .sort((a, b) => Number(a['index']) - Number(b['index']))

const bytesIn = (chunk: JsonObject): Buffer => Buffer.from(chunk['bytes'] as string, 'base64')

const held = (id: string): Buffer => Buffer.concat(chunks(id).map(bytesIn))

function serve(id: string, bytes: Buffer, facts: Partial<FakeFile> = {}): void {
  contents[id] = bytes
  const file = { id, version: sha256(bytes), size: bytes.length, ...facts }
  listed = [...listed.filter((other) => other.id !== id), file]
}

describe('contents of files', () => {
  it('are stored in chunks below 1 MB, and the record of the file says of what', async () => {
    const bytes = bytesOf('a', 3_500_000)
    serve('a', bytes)
    const outcome = await sync()
    expect(contentOf('a')).toEqual({
      state: 'stored',
      fileId: fileIdOf('a'),
      sha256: sha256(bytes),
      size: 3_500_000,
      chunks: 5,
    })
    expect(sha256(held('a'))).toBe(sha256(bytes))
    for (const [index, chunk] of chunks('a').entries()) {
      expect(JSON.stringify(chunk).length).toBeLessThan(MB)
      const own = bytesIn(chunk)
      expect(chunk).toMatchObject({
        index,
        offset: index * CHUNK_BYTES,
        length: own.length,
        sha256: sha256(own),
      })
    }
    expect(outcome).toMatchObject({ more: false, moreContents: false, issues: [], counts: { contents: 1 } })
    // Its list was written, proven and committed before anything was fetched.
    expect(outcome.receipts.map(({ body }) => body.schema).sort()).toEqual([CHUNK, FILE].sort())
  })

  it('are never asked for where the connection does not want them', async () => {
    serve('a', bytesOf('a', 10))
    await bench.sync([{ stream: files, schema: FILE, wish: {} }], { http })
    expect([asked, contentOf('a'), chunks()]).toEqual([[], undefined, []])
  })

  it('hold a chunk in memory, whatever the size', async () => {
    serve('a', bytesOf('a', 6 * MB))
    bench.fault = (step) => {
      if (step === 'write done') ahead.taken = ahead.sent
    }
    await sync()
    expect(ahead.sent).toBeGreaterThan(6 * MB)
    expect(ahead.most).toBeLessThan(CHUNK_BYTES + 2 * BLOCK)
  })

  it('are fetched again only when their version is another; a rename writes the record alone', async () => {
    serve('a', bytesOf('a', 100))
    await sync()
    serve('a', bytesOf('a', 100), { name: 'renamed' })
    await sync()
    expect(asked).toEqual(['a'])
    expect(bench.destination.records(FILE).get(fileIdOf('a'))).toMatchObject({ name: 'renamed' })
    expect(contentOf('a')).toMatchObject({ state: 'stored' })
  })

  it('that changed leave no chunk of before, and write only the chunks that differ', async () => {
    const before = bytesOf('a', 3 * CHUNK_BYTES)
    serve('a', before)
    await sync()
    const after = Buffer.concat([before.subarray(0, CHUNK_BYTES), bytesOf('b', 5)])
    serve('a', after)
    const first = chunks('a')[0]
    await sync()
    expect(asked).toEqual(['a', 'a'])
    expect(contentOf('a')).toMatchObject({ chunks: 2, size: after.length, sha256: sha256(after) })
    expect(held('a').equals(after)).toBe(true)
    expect(chunks('a')[0]).toBe(first)
  })

  it('of no bytes are stored too', async () => {
    serve('a', Buffer.alloc(0))
    await sync()
    expect(contentOf('a')).toMatchObject({
      state: 'stored',
      chunks: 0,
      size: 0,
      sha256: sha256(Buffer.alloc(0)),
    })
  })

  it('go with their file', async () => {
    serve('a', bytesOf('a', 2 * MB))
    serve('b', bytesOf('b', 100))
    await sync()
    ;[listed, deletedIds] = [[], ['a']]
    await sync()
    expect([chunks('a'), chunks('b').length]).toEqual([[], 1])
    const rows = { database: bench.destination.database(FILE), stream: 'files' }
    expect(await fileContents.listIds(store.db, rows, 10)).toEqual([fileIdOf('b')])
  })

  it('go when the connection wants them no more, and come back when it does', async () => {
    serve('a', bytesOf('a', 2 * MB))
    await sync()
    await sync(null, { revision: 2 })
    expect([chunks(), contentOf('a')]).toEqual([[], undefined])
    await sync(10 * MB, { revision: 3 })
    expect([asked, held('a').length]).toEqual([['a', 'a'], 2 * MB])
  })
})

describe('what is left out', () => {
  it('says why: too large, refused by the service, or no bytes to be had', async () => {
    serve('large', bytesOf('l', 2 * MB))
    serve('unmeasured', bytesOf('u', 2 * MB), { size: undefined as never })
    listed = [
      ...listed.map(({ size, ...file }) =>
        file.id === 'unmeasured' || size === undefined ? file : { ...file, size },
      ),
      { id: 'native', version: '1', isNative: true },
      { id: 'refused', version: '1' },
    ]
    contents['refused'] = new NodeError('SCOPE_MISSING')
    const outcome = await sync(MB)
    expect(contentOf('large')).toEqual({ state: 'absent', reason: 'too_large', size: 2 * MB, maxBytes: MB })
    expect(contentOf('unmeasured')).toEqual({ state: 'absent', reason: 'too_large', maxBytes: MB })
    expect(contentOf('native')).toEqual({ state: 'absent', reason: 'native' })
    expect(contentOf('refused')).toEqual({ state: 'absent', reason: 'refused' })
    expect(chunks()).toEqual([])
    expect(outcome).toMatchObject({ issues: [], more: false })
    expect(asked.sort()).toEqual(['refused', 'unmeasured'])
    await sync(MB)
    expect(asked).toHaveLength(2)
    // A higher cap takes what was too large, and nothing that was refused.
    await sync(3 * MB, { revision: 2 })
    expect(asked.slice(2).sort()).toEqual(['large', 'unmeasured'])
    expect(chunks()).toHaveLength(6)
  })

  it('was kept before it grew beyond the cap: its chunks go', async () => {
    serve('a', bytesOf('a', 100))
    await sync(MB)
    serve('a', bytesOf('a', 2 * MB))
    await sync(MB)
    expect([contentOf('a'), chunks()]).toEqual([
      { state: 'absent', reason: 'too_large', size: 2 * MB, maxBytes: MB },
      [],
    ])
  })
})

describe('trouble', () => {
  it('with one file leaves the others alone, and the next sync tries it again', async () => {
    serve('a', bytesOf('a', 100))
    serve('b', bytesOf('b', 100))
    const good = contents['a']
    contents['a'] = new NodeError('PROVIDER_DOWN')
    expect(await sync()).toMatchObject({
      issues: [{ stream: 'files (contents)', code: 'PROVIDER_DOWN' }],
      more: false,
      counts: { contents: 1 },
    })
    expect([contentOf('a'), contentOf('b')]).toMatchObject([{ state: 'pending' }, { state: 'stored' }])
    contents['a'] = good ?? Buffer.alloc(0)
    expect(await sync()).toMatchObject({ issues: [], counts: { contents: 1 } })
    expect(contentOf('a')).toMatchObject({ state: 'stored' })
  })

  it('with the service’s limit ends the fetching, and says when it goes on', async () => {
    for (const id of ['a', 'b', 'c']) listed = [...listed, { id, version: '1' }]
    for (const id of ['a', 'b', 'c']) contents[id] = new NodeError('RATE_LIMITED', { retryAfterMs: 600_000 })
    const outcome = await sync()
    expect(asked).toHaveLength(1)
    expect(outcome).toMatchObject({ more: true, moreContents: false, resumesAtMs: bench.nowMs + 600_000 })
  })

  it('with the service itself is not met file by file', async () => {
    for (let n = 0; n < 10; n += 1) {
      listed = [...listed, { id: `f${n}`, version: '1' }]
      contents[`f${n}`] = new NodeError('PROVIDER_DOWN')
    }
    await sync()
    expect(asked).toHaveLength(3)
    await sync()
    // Those that failed come last.
    expect(new Set(asked).size).toBe(6)
  })

  it('with a size that is not what was said leaves the file to the next sync', async () => {
    serve('a', bytesOf('a', 100), { size: 101 })
    expect(await sync()).toMatchObject({ issues: [{ code: 'PROVIDER_DOWN' }] })
    expect(contentOf('a')).toEqual({ state: 'pending' })
  })

  it('of a kill in the middle of a file: each slice before it stays, and nothing is stale in the end', async () => {
    const bytes = bytesOf('a', 6 * CHUNK_BYTES)
    serve('a', bytes)
    // Two chunks a slice; the third slice is cut after its proof.
    const limits = { ms: 20_000, records: 5_000, bytes: 2 * MB }
    let proofs = 0
    bench.fault = (step) => {
      if (step === 'prove done' && ++proofs === 3) throw new Error('killed')
    }
    await expect(sync(10 * MB, { limits })).rejects.toThrow('killed')
    bench.fault = () => undefined
    expect(contentOf('a')).toEqual({ state: 'pending' })
    expect(chunks('a').length).toBeGreaterThan(1)
    // Meanwhile it became short.
    serve('a', bytesOf('c', 10))
    await sync(10 * MB, { limits })
    expect([chunks('a').length, contentOf('a')]).toMatchObject([1, { state: 'stored', size: 10 }])
  })

  it('of time: one file goes on beyond it, the others wait', async () => {
    serve('a', bytesOf('a', 4 * CHUNK_BYTES))
    serve('b', bytesOf('b', 4 * CHUNK_BYTES))
    bench.fault = (step) => {
      if (step === 'write done') bench.nowMs += 10_000
    }
    const outcome = await sync(10 * MB, { limits: { ms: 20_000, records: 5_000, bytes: 64 * MB } })
    expect(asked).toHaveLength(1)
    expect(outcome).toMatchObject({ more: true, moreContents: true, counts: { contents: 1 } })
  })

  it('of a storage node that lost the chunks: they are fetched again', async () => {
    serve('a', bytesOf('a', 100))
    await sync()
    bench.destination.remote.get(CHUNK)?.clear()
    bench.destination.lost.add(CHUNK)
    await sync()
    expect([asked, held('a').length]).toEqual([['a', 'a'], 100])
  })
})
