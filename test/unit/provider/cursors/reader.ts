/** Reads a stream part as the node does: page by page, from the last committed cursor, with a commit whenever it is told to. */
import { NodeError } from '../../../../src/errors.js'
import type {
  Account,
  FetchContext,
  Json,
  Page,
  ProviderHttp,
  SettingsShape,
  StreamPart,
} from '../../../../src/provider/index.js'
import { NO_FIELDS } from '../../../../src/provider/index.js'
import { unusedHttp } from '../../../support/unused-http.js'

const unasked = (): Promise<never> => Promise.reject(new Error('the lists of these tests ask no service'))
const HTTP: ProviderHttp = { get: unasked, post: unasked, delete: unasked, ...unusedHttp }
const ACCOUNT: Account = { id: '1', name: 'A' }

export interface Place {
  readonly now: number
  readonly sinceMs?: number
}

export async function pageOf<C extends Json>(
  part: StreamPart<SettingsShape, C>,
  cursor: C | undefined,
  { now, sinceMs }: Place,
): Promise<Page<C>> {
  const context: FetchContext = {
    settings: {},
    fields: NO_FIELDS,
    account: ACCOUNT,
    now,
    signal: new AbortController().signal,
    partition: '',
    ...(sinceMs !== undefined && { sinceMs }),
  }
  const page = await part.fetchPage(HTTP, cursor, context)
  // What is stored must pass the check that it is read with.
  return { ...page, cursor: part.cursor.parse(JSON.parse(JSON.stringify(page.cursor))) }
}

export class Reader<C extends Json> {
  cursor: C | undefined
  /** Items of committed pages, in order. */
  readonly kept: unknown[] = []
  /** Ids told as deleted, by committed pages. */
  readonly gone: string[] = []
  /** Whether the last page read was the last of its run. */
  isDone = false
  #committed: C | undefined
  #pages: Page<C>[] = []

  constructor(private readonly part: StreamPart<SettingsShape, C>) {}

  async page(place: Place): Promise<void> {
    const page = await pageOf(this.part, this.cursor, place)
    this.cursor = page.cursor
    this.isDone = !page.more
    this.#pages.push(page)
  }

  commit(): void {
    for (const { items, deletedIds } of this.#pages) {
      this.kept.push(...items)
      this.gone.push(...(deletedIds ?? []))
    }
    this.#pages = []
    this.#committed = this.cursor
  }

  /** What was not committed is lost. */
  crash(): void {
    this.#pages = []
    this.cursor = this.#committed
  }

  /** A whole run from where it stands. Gives the items of it. */
  async run(place: Place): Promise<unknown[]> {
    const before = this.kept.length
    for (let pages = 0; ; pages += 1) {
      if (pages > 10_000) throw new NodeError('INTERNAL', { detail: 'paging does not end' })
      await this.page(place)
      if (this.isDone) break
    }
    this.commit()
    return this.kept.slice(before)
  }
}

/** Every page of a run, and whether going on from each cursor gives exactly the rest. */
export async function restsOf<C extends Json>(part: StreamPart<SettingsShape, C>, place: Place) {
  const pages: Page<C>[] = []
  for (let cursor: C | undefined; ; cursor = pages.at(-1)?.cursor) {
    const page = await pageOf(part, cursor, place)
    pages.push(page)
    if (!page.more) break
  }
  const rests: Page<C>[][] = []
  for (const { cursor } of pages.slice(0, -1)) {
    const rest: Page<C>[] = []
    for (let at = cursor; ; at = rest.at(-1)?.cursor ?? at) {
      const page = await pageOf(part, at, place)
      rest.push(page)
      if (!page.more) break
    }
    rests.push(rest)
  }
  return { pages, rests, expected: rests.map((_, at) => pages.slice(at + 1)) }
}
