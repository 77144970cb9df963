/** Stage 1: one stream in one partition, read page by page; the next page is under way while the last is worked on. */
import { sha256 } from '../lib/keyed-hash.js'
import { canonicalJson, type Json } from '../lib/canonical-json.js'
import { NodeError, toNodeError } from '../errors.js'
import type { Page } from '../provider/index.js'
import type { SyncJob, SyncStream } from './job.js'

export interface LaneStart {
  readonly stream: SyncStream
  readonly partition: string
  /** Where the last committed slice ended. */
  readonly cursor: Json | undefined
  /** Whether the pages from here complete a reading of everything that was begun without a cursor. */
  readonly fullRead: boolean
  /** The backfill window under which it was read from its beginning, in ms since 1970; missing: none. */
  readonly sinceMs?: number | undefined
  /** Counts full readings: what an older one met and this one does not was deleted. */
  readonly scanNumber: number
}

/** `open`: more to read; `done`: read to its end; `stopped`: the provider or the owner's limit ended it for this sync. */
export type LaneState =
  | { readonly kind: 'open' }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'stopped'
      readonly error?: NodeError
      /** The limit of the provider is used up until then. */
      readonly resumesAtMs?: number
    }

type Settled = { readonly page: Page<Json> } | { readonly error: NodeError }

export class Lane {
  readonly stream: SyncStream
  readonly partition: string
  readonly sinceMs: number | undefined
  fullRead: boolean
  scanNumber: number
  /** Resumes after the last page that was handed out. */
  cursor: Json | undefined
  state: LaneState = { kind: 'open' }
  /** Items of the pages that were handed out. */
  fetched = 0
  /** Those of them that went to quarantine. */
  setAside = 0
  /** Whether some item of this scan could not be identified, so that its absence proves nothing. */
  scanBroken = false
  #ahead: Promise<Settled> | undefined
  readonly #seen = new Set<string>()
  #expired = false

  constructor(
    private readonly job: SyncJob,
    private readonly now: number,
    start: LaneStart,
  ) {
    this.stream = start.stream
    this.partition = start.partition
    this.sinceMs = start.sinceMs
    this.fullRead = start.fullRead
    this.scanNumber = start.scanNumber
    this.cursor = start.cursor
  }

  /** The next page, or undefined when this lane is done or stopped. @throws the reason of an abort */
  async next(): Promise<Page<Json> | undefined> {
    if (this.state.kind !== 'open') return undefined
    const settled = await (this.#ahead ?? this.fetch(this.cursor))
    this.#ahead = undefined
    if ('error' in settled) return this.recover(settled.error)
    const { page } = settled
    if (this.isRepeated(page)) {
      this.stop(
        new NodeError('PROVIDER_CHANGED', {
          detail: `${this.stream.stream.name}: the same cursor came twice`,
        }),
      )
      return undefined
    }
    this.cursor = page.cursor
    this.fetched += page.items.length
    if (page.more) this.#ahead = this.fetch(page.cursor)
    else this.state = { kind: 'done' }
    return page
  }

  stop(error?: NodeError): void {
    if (error === undefined) this.state = { kind: 'stopped' }
    else if (error.code !== 'RATE_LIMITED' || error.retryAfterMs === undefined)
      this.state = { kind: 'stopped', error }
    else {
      const resumesAtMs = this.job.clock.now() + error.retryAfterMs
      this.state = { kind: 'stopped', error, resumesAtMs }
    }
  }

  private async fetch(cursor: Json | undefined): Promise<Settled> {
    const { stream } = this.stream
    try {
      const context = {
        settings: this.job.settings,
        fields: this.job.fields,
        account: this.job.account,
        now: this.now,
        signal: this.job.fetchSignal,
        partition: this.partition,
        ...(this.job.sinceMs !== undefined && { sinceMs: this.job.sinceMs }),
      }
      return { page: await stream.fetchPage(this.job.http, cursor, context) }
    } catch (error) {
      return { error: toNodeError(error) }
    }
  }

  private async recover(error: NodeError): Promise<Page<Json> | undefined> {
    if (error.code === 'CURSOR_EXPIRED' && !this.#expired) {
      // The provider forgot where we were: everything is read again, once.
      this.#expired = true
      this.cursor = undefined
      this.fullRead = true
      this.scanNumber += 1
      this.scanBroken = false
      this.#seen.clear()
      return this.next()
    }
    this.job.signal.throwIfAborted()
    // The page was given up here, not by the provider: the next sync asks for it again.
    if (this.job.wrapUp.aborted) return undefined
    // The other streams go on, what was read is kept, and the outcome says which stream did not get to its end.
    this.stop(error)
    return undefined
  }

  /** A cursor that comes again while more is promised would never end. */
  private isRepeated(page: Page<Json>): boolean {
    if (!page.more) return false
    const digest = sha256(canonicalJson(page.cursor)).toString('base64')
    if (this.#seen.has(digest)) return true
    this.#seen.add(digest)
    return false
  }
}
