/** What each kind of cursor gives a stream: spread it into `defineStream`. */
import type { z } from 'zod'
import type { Json } from '../../lib/canonical-json.js'
import type { ProviderHttp } from '../http.js'
import type { SettingsShape } from '../settings.js'
import type { FetchContext, Page } from '../stream.js'

export interface StreamPart<S extends SettingsShape, C extends Json> {
  readonly settings?: S
  readonly cursor: z.ZodType<C>
  readonly incremental: true
  fetchPage(http: ProviderHttp, cursor: C | undefined, context: FetchContext<S>): Promise<Page<C>>
}

/** What one call of a list answers. */
export interface Listed<T extends Json> {
  readonly items: readonly unknown[]
  /** Source ids that the service reports as deleted; needs `deletes: 'feed'`. */
  readonly deletedIds?: readonly string[]
  /** What the service gave to ask for the next page; missing on the last one. */
  readonly next?: T | undefined
}

/** The later of two times; nothing is earlier than all. */
export function laterMs(a: number | null | undefined, b: number | null | undefined): number | undefined {
  if (a === null || a === undefined) return b ?? undefined
  return b === null || b === undefined ? a : Math.max(a, b)
}
