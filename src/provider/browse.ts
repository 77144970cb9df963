/** Live reads in one shape over every provider that has containers: folders, calendars, projects, lists. Nothing is stored. */
import type { Json } from '../lib/canonical-json.js'
import type { ProviderHttp } from './http.js'
import type { SettingsShape } from './settings.js'
import type { FetchContext } from './stream.js'

export type BrowseContext<S extends SettingsShape = SettingsShape> = Omit<
  FetchContext<S>,
  'partition' | 'sinceMs'
>

/** What one page is asked for; filters that the provider does not declare are never given. */
export interface BrowseQuery {
  /** From the page before; opaque to everybody but the provider. */
  readonly cursor?: Json
  /** At most so many, 1 to 100. */
  readonly limit: number
}
export interface ContainerQuery extends BrowseQuery {
  /** Containers inside this one; missing: the outermost. */
  readonly parentId?: string
}
export interface ItemQuery extends BrowseQuery {
  readonly containerId?: string
  readonly kind?: string
  readonly search?: string
  /** RFC 3339; changed or taking place from, and before. */
  readonly since?: string
  readonly until?: string
}
export interface CommentQuery extends BrowseQuery {
  readonly itemId: string
  readonly containerId?: string
}

/** Times are RFC 3339; `raw` is what the service sent. */
export interface Container {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly parentId?: string
  readonly url?: string
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly raw: unknown
}
export interface BrowsedItem {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly containerId?: string
  readonly url?: string
  readonly mimeType?: string
  readonly sizeBytes?: number
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly raw: unknown
}
export interface Comment {
  readonly id: string
  readonly itemId: string
  readonly text: string
  readonly author?: string
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly raw: unknown
}

export interface BrowsePage<T> {
  readonly data: readonly T[]
  /** Missing: there is no more. Holds no token. */
  readonly cursor?: Json
}

/** What can be asked of items; anything else is refused by the node before the provider is called. */
export type ItemFilter = 'container' | 'kind' | 'search' | 'time'

export interface Browse<S extends SettingsShape = SettingsShape> {
  /** In the node's words: `folder`, `calendar`, `project`, `list`; what `containers` answers. */
  readonly containerKinds: readonly string[]
  /** `file`, `event`, `issue`, `order`, `contact`. */
  readonly itemKinds: readonly string[]
  readonly filters: readonly ItemFilter[]
  /** Scopes that live reads need; missing: those of the streams are enough. */
  readonly scopes?: readonly string[]
  containers(
    http: ProviderHttp,
    query: ContainerQuery,
    context: BrowseContext<S>,
  ): Promise<BrowsePage<Container>>
  items(http: ProviderHttp, query: ItemQuery, context: BrowseContext<S>): Promise<BrowsePage<BrowsedItem>>
  comments?(http: ProviderHttp, query: CommentQuery, context: BrowseContext<S>): Promise<BrowsePage<Comment>>
}
