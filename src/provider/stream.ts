/** One kind of data of a provider, mapped to one schema: two small functions and the facts the node needs. */
import type { z } from 'zod'
import type { Json, JsonObject } from '../lib/canonical-json.js'
import type { FieldValues } from './fields.js'
import type { HttpDownload, ProviderHttp } from './http.js'
import type { SettingsOf, SettingsShape } from './settings.js'

/** What `fetchPage` is given beside the client and the cursor. It never reads the clock or random itself. */
export interface FetchContext<S extends SettingsShape = SettingsShape> {
  readonly settings: SettingsOf<S>
  /** What was entered or told when the account was connected. */
  readonly fields: FieldValues
  readonly account: Account
  /** Milliseconds since 1970, fixed for the whole slice. */
  readonly now: number
  readonly signal: AbortSignal
  /** The container this page belongs to, for streams that declare `partitions`. */
  readonly partition: string
  /** The backfill window of this connection: nothing that is older need be asked for. In ms since 1970. */
  readonly sinceMs?: number
}

export interface Account {
  /** The service's own id of the account. */
  readonly id: string
  readonly name: string
  readonly username?: string
  readonly avatarUrl?: string
}

export interface Page<C extends Json> {
  /** Raw items as the service sent them; each is read by the stream's `item`. */
  readonly items: readonly unknown[]
  /** Source ids that the provider's own feed reports as deleted; needs `deletes: 'feed'`. */
  readonly deletedIds?: readonly string[]
  /** Resumes exactly after this page; with `more: false` it starts the next run. */
  readonly cursor: C
  readonly more: boolean
}

/** One item in schema form, before the node adds schema, ids and source fields. */
export interface Draft {
  /** The service's own id of the item, unique in this stream and account. */
  readonly sourceId: string
  /** When the item came to be at the source (RFC 3339). Never "now"; missing where the service does not say. */
  readonly insertedAt?: string
  readonly modifiedAt?: string
  /** The schema's own fields, with `name`. `sourceData` defaults to the raw item. */
  readonly fields: JsonObject
}

/** Says that an item is left out on purpose; counted in the receipt under its reason. */
export interface Skip {
  readonly skip: string
}
export const skip = (reason: string): Skip => ({ skip: reason })

/** What there is to be had of one file. It is kept, so it holds no token and no link that has one. */
export interface ContentOffer {
  /** Changes when the bytes do: what has the same is not fetched again. */
  readonly version: string
  /** Where the bytes are, on a declared host. */
  readonly url: string
  /** Where the service tells it: a file above the cap of its connection is not asked for. */
  readonly sizeBytes?: number
  /** The form of the bytes, where it is another than the file's own: native documents are exported. */
  readonly mimeType?: string
}

export interface FileContent<S extends SettingsShape, Item> {
  /** Pure. `skip` says why a file has none, such as `native`; `undefined`: it is a folder or a link. */
  of(
    item: Item,
    context: { readonly account: Account; readonly settings: SettingsOf<S> },
  ): ContentOffer | Skip | undefined
  /** Default: `http.download` of the address. `maxBytes` goes into that call; nothing is gathered here. */
  open?(
    http: ProviderHttp,
    offer: ContentOffer,
    options: { readonly maxBytes: number; readonly settings: SettingsOf<S> },
  ): Promise<HttpDownload>
}

export interface Stream<S extends SettingsShape = SettingsShape, C extends Json = Json, Item = unknown> {
  /** Lower-case name, unique in the provider: `posts`. */
  readonly name: string
  readonly label: string
  /** The provider's settings shape, given where `fetchPage` or `map` read settings, so that their names are checked. */
  readonly settings?: S
  /** Short name of a pinned schema: `social/post`. */
  readonly schema: string
  /** Scopes this stream needs (keys of the auth's `scopes`). */
  readonly scopes?: readonly string[]
  /** Checks a stored cursor; a cursor that does not pass starts the stream anew. */
  readonly cursor: z.ZodType<C>
  /** Checks one raw item; an item that does not pass is quarantined. Loose objects: unknown fields stay. */
  readonly item: z.ZodType<Item>
  /**
   * How deletions are known. `none`: the service does not tell. `feed`: `deletedIds` of the pages.
   * `scan`: every run reads everything, and what a complete run no longer meets was deleted.
   */
  readonly deletes: 'none' | 'feed' | 'scan'
  /** Whether a later run reads only what changed since the last. */
  readonly incremental: boolean
  /** False when the service answers everything at once. Default: true. */
  readonly paged?: boolean
  /** Containers with a cursor each (calendars, drives); one unnamed partition when missing. */
  partitions?(http: ProviderHttp, context: Omit<FetchContext<S>, 'partition'>): Promise<readonly string[]>
  /** Makes the calls of one page, usually one. `cursor` is undefined at the very first page. */
  fetchPage(http: ProviderHttp, cursor: C | undefined, context: FetchContext<S>): Promise<Page<C>>
  /** Pure: no network, no time, no random. */
  map(item: Item, context: { readonly account: Account; readonly settings: SettingsOf<S> }): Draft | Skip
  /** Contents, for a stream of schema `file`; fetched only where a connection asks for them. */
  readonly content?: FileContent<S, Item>
}

/** A stream that has forgotten its types, as the node keeps it. */
export type AnyStream = Omit<Stream, 'settings'>

/**
 * Declares a stream; types of settings, cursor and item are inferred from the declaration. The result has forgotten
 * them: the node passes cursors and items only after `cursor` and `item` have read them.
 */
export function defineStream<S extends SettingsShape, C extends Json, Item>(
  stream: Stream<S, C, Item>,
): AnyStream {
  return stream
}
