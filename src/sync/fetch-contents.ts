/**
 * Stage of its own after the pages: fetches wanted contents, file after file, as chunks. A file may go on over several
 * slices; a run that is cut begins it anew, and chunks that are there already are not written again.
 */
import { NodeError, toNodeError } from '../errors.js'
import { fileContents, type Store } from '../store/index.js'
import { chunkRecord, cutIntoChunks, type Chunk, type WholeFile } from './chunk-records.js'
import { openContent, type SettledFacts, type Wanted } from './content-state.js'
import {
  deleteContents,
  hasContents,
  rowsOf,
  sweepChunks,
  withFacts,
  type ContentStream,
} from './contents.js'
import { tooLarge } from './describe-content.js'
import type { SyncJob } from './job.js'
import type { Slice } from './slice.js'
import type { StreamIssue } from './stream-issue.js'
import { validatePage } from './validate-page.js'

/** Rows read at once; each holds a record. */
const ROWS = 20
const DELETED_AT_ONCE = 200
/** Failures in a row after which the service is left alone until the next sync. */
const MOST_FAILURES = 3

interface OpenFile {
  readonly stream: ContentStream
  readonly maxBytes: number
  readonly fileId: string
  readonly wanted: Wanted
  readonly failures: number
  readonly chunks: AsyncGenerator<Chunk, WholeFile>
}

type Candidate = Omit<OpenFile, 'chunks'>
type Moved = { readonly chunk: Chunk } | { readonly whole: WholeFile } | { readonly error: NodeError }

export class ContentFetcher {
  readonly #store: Store
  readonly #job: SyncJob
  readonly #streams: readonly ContentStream[]
  #open: OpenFile | undefined
  #candidates: Candidate[] = []
  /** Not tried again by this sync. */
  readonly #failed = new Set<string>()
  #failuresInRow = 0
  #isDone: boolean
  #stopped: NodeError | undefined
  #resumesAtMs: number | undefined
  readonly #issues = new Map<string, StreamIssue>()

  constructor(store: Store, job: SyncJob) {
    this.#store = store
    this.#job = job
    this.#streams = job.streams.filter(hasContents)
    this.#isDone = this.#streams.length === 0
  }

  /** Nothing more to do in this sync. */
  get isDone(): boolean {
    return this.#isDone || this.#stopped !== undefined
  }
  /** A file is half read: it goes on beyond the time in which others are begun. */
  get isInFile(): boolean {
    return this.#open !== undefined
  }
  /** More waits, and could be fetched at once. */
  get more(): boolean {
    return !this.isDone
  }
  /** More waits for a limit of the service, until then. */
  get resumesAtMs(): number | undefined {
    return this.#resumesAtMs
  }
  get issues(): readonly StreamIssue[] {
    return [...this.#issues.values()]
  }

  /** Fetches until the slice is full or nothing is left. @throws NodeError of the destination, the reason of an abort */
  async fill(slice: Slice): Promise<void> {
    const { clock, signal, wrapUp } = this.#job
    while (!this.isDone && !wrapUp.aborted && !slice.isFull(clock.now())) {
      signal.throwIfAborted()
      if (await this.deleteUnwanted(slice)) continue
      this.#open ??= await this.openNext(slice)
      if (this.#open === undefined) return
      await this.advance(slice, this.#open)
    }
  }

  /** Lets go of a file that is half read. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    // Its end is asked for; how it ends is of no interest any more.
    await open?.chunks.return({ sha256: '', size: 0, chunks: 0 }).catch(toNodeError)
  }

  /** Contents that a connection wants no more. */
  private async deleteUnwanted(slice: Slice): Promise<boolean> {
    for (const stream of this.#streams.filter(({ content }) => content.maxBytes === null)) {
      const done = slice.contents.get(stream)
      const limit = DELETED_AT_ONCE + (done?.size ?? 0)
      const ids = await fileContents.listIds(this.#store.db, rowsOf(this.#job, stream), limit)
      const left = ids.filter((id) => done?.has(id) !== true)
      await deleteContents(this.#job, slice, stream, left)
      if (left.length > 0) return true
    }
    return false
  }

  private async openNext(slice: Slice): Promise<OpenFile | undefined> {
    const job = this.#job
    for (;;) {
      if (job.clock.now() >= job.fetchUntilMs || job.wrapUp.aborted) return undefined
      const next = this.#candidates.shift() ?? (await this.readCandidates(slice))
      if (next === undefined) return undefined
      const { wanted, maxBytes, stream } = next
      const { content } = stream.stream
      const http = job.contentHttp ?? job.http
      const { settings } = job
      try {
        const body = await (content?.open?.(http, wanted.offer, { maxBytes, settings }) ??
          http.download(wanted.offer.url, { maxBytes }))
        return { ...next, chunks: cutIntoChunks(body.body) }
      } catch (error) {
        await this.fail(slice, next, toNodeError(error))
        if (this.isDone) return undefined
      }
    }
  }

  /** What an earlier slice committed: what this one noted is not taken before it is. */
  private async readCandidates(slice: Slice): Promise<Candidate | undefined> {
    let isNoted = false
    for (const stream of this.#streams) {
      const { maxBytes } = stream.content
      if (maxBytes === null) continue
      const noted = slice.contents.get(stream) ?? new Map<string, undefined>()
      const rows = await fileContents.wanted(this.#store.db, rowsOf(this.#job, stream), {
        limit: ROWS,
        except: [...noted.keys(), ...this.#failed],
      })
      isNoted ||= [...noted].some(([id, row]) => row?.state.kind === 'wanted' && !this.#failed.has(id))
      for (const { documentId, sealed, failures } of rows) {
        const state = openContent(this.#job, stream, documentId, sealed)
        if (state.kind === 'wanted')
          this.#candidates.push({ stream, maxBytes, fileId: documentId, wanted: state, failures })
      }
    }
    const next = this.#candidates.shift()
    if (next === undefined && !isNoted) this.#isDone = true
    return next
  }

  private async advance(slice: Slice, open: OpenFile): Promise<void> {
    const moved = await this.move(open)
    if ('chunk' in moved) {
      const { stream, content } = open.stream
      const { bytes } = await this.#job.run.write({
        stream: stream.name,
        schema: content.schema,
        records: [chunkRecord(this.#job, open.fileId, moved.chunk)],
        deletedSourceIds: [],
        deletedDocumentIds: [],
      })
      return slice.add({}, bytes)
    }
    this.#open = undefined
    if ('error' in moved) return this.fail(slice, open, moved.error)
    const { sha256, size, chunks } = moved.whole
    const { mimeType, sizeBytes } = open.wanted.offer
    if (sizeBytes !== undefined && sizeBytes !== size) {
      const detail = `a file of ${size} bytes that was to have ${sizeBytes}`
      return this.fail(slice, open, new NodeError('PROVIDER_DOWN', { detail }))
    }
    const { fileId } = open
    const facts = { state: 'stored', fileId, sha256, size, chunks, ...(mimeType && { mimeType }) } as const
    await this.settle(slice, open, facts)
    slice.add({ contents: 1 })
  }

  private async move(open: OpenFile): Promise<Moved> {
    try {
      const next = await open.chunks.next()
      return next.done === true ? { whole: next.value } : { chunk: next.value }
    } catch (error) {
      return { error: toNodeError(error) }
    }
  }

  /** Writes what the file's record says from now on, and deletes what is of an earlier form. */
  private async settle(slice: Slice, file: Candidate, facts: SettledFacts): Promise<void> {
    const job = this.#job
    const { stream, fileId, wanted } = file
    this.#failuresInRow = 0
    await sweepChunks(job, slice, stream, { fileId, from: facts.state === 'stored' ? facts.chunks : 0 })
    const { sourceId, record, offer } = wanted
    const mapped = withFacts({ sourceId, record, characters: 0 }, facts)
    const { valid } = validatePage(stream.schema, { records: [mapped], rejected: [], skipped: {} })
    const counts = await job.run.write({
      stream: stream.stream.name,
      schema: stream.schema,
      records: valid,
      deletedSourceIds: [],
      deletedDocumentIds: [],
    })
    slice.add({}, counts.bytes)
    slice.contentAs(stream, fileId, {
      state: { kind: 'settled', version: offer.version, facts },
      failures: 0,
    })
  }

  /** @throws the reason of an abort */
  private async fail(slice: Slice, file: Candidate, error: NodeError): Promise<void> {
    const job = this.#job
    job.signal.throwIfAborted()
    // It was given up here, not by the service: the next sync fetches it.
    if (job.wrapUp.aborted) return
    if (error.code === 'FILE_TOO_LARGE') return this.settle(slice, file, tooLarge(file.maxBytes))
    if (error.code !== 'TOKEN_REVOKED' && (error.fate !== 'retry' || error.code === 'CURSOR_EXPIRED'))
      // What the service says of one file says nothing of the others.
      return this.settle(slice, file, { state: 'absent', reason: 'refused' })
    const { fileId, wanted, failures } = file
    this.#failed.add(fileId)
    this.#failuresInRow += 1
    this.note(file, error)
    if (error.code === 'TOKEN_REVOKED' || error.code === 'RATE_LIMITED') {
      this.#stopped = error
      return
    }
    slice.contentAs(file.stream, fileId, { state: wanted, failures: failures + 1 })
    if (this.#failuresInRow >= MOST_FAILURES) this.#stopped = error
  }

  private note({ stream }: Candidate, error: NodeError): void {
    const { code, retryAfterMs } = error
    const isLimit = code === 'RATE_LIMITED' && retryAfterMs !== undefined
    const resumesAtMs = isLimit ? this.#job.clock.now() + retryAfterMs : undefined
    this.#resumesAtMs ??= resumesAtMs
    this.#issues.set(code, {
      // Not the stream's own name: its list was read.
      stream: `${stream.stream.name} (contents)`,
      partition: '',
      code,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(resumesAtMs !== undefined && { resumesAtMs }),
    })
  }
}
