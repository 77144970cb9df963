/** Contents of files: what a stream of schema `file` says of each, and how its bytes are asked for. */
import type { HttpDownload, ProviderHttp } from './http.js'
import type { SettingsOf, SettingsShape } from './settings.js'
import type { Account, Skip } from './stream.js'

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
