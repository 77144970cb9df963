/** What the parts of the Vault share: its client, its context, and its own copies of records. Types only. */
import type { Pouch, PouchRecord } from './pouch.js'
import type { VeridaClient, VeridaContext } from './verida-client.js'

/** What the Vault's parts share. */
export interface Vault {
  readonly client: VeridaClient
  context(): Promise<VeridaContext>
  /** Whether databases are opened as the mobile Vault opens them, slowly. */
  readonly ownDatastores: boolean
  /** The Vault's own copy of a schema's records. */
  documents(schema: string): Promise<Documents>
}

/** The Vault's own copy of one schema's records. */
export interface Documents {
  /** Takes over what a server's database holds, as the mobile Vault does it. */
  pullFrom(source: Pouch): Promise<void>
  /** Every live record, with its conflicts. */
  all(): AsyncIterable<PouchRecord & { readonly _conflicts?: readonly string[] }>
  get(id: string): Promise<PouchRecord>
  first(limit: number): Promise<readonly PouchRecord[]>
}
