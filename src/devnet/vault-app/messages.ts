/** What the Vault's process is asked and answers. Plain data only: it travels between processes as JSON. */

/** What the Vault knows before it is used: its own key and where the network is. Nothing of the node it will sync with. */
export interface VaultSettings {
  /** The owner's private key: 32 bytes, hex with `0x`. */
  readonly privateKey: string
  readonly network: 'testnet'
  /** The DID registry's JSON-RPC. */
  readonly rpcUrl: string
  /** Storage nodes for the Vault's own context. */
  readonly storageNodes: readonly string[]
  /** Where the Vault's own DID document is kept, such as `http://127.0.0.1:5031/did/`. */
  readonly didEndpoints: readonly string[]
  /** Prefixes of schema URIs and what to read instead. */
  readonly schemaPaths: Readonly<Record<string, string>>
  /**
   * Pull into real datastores of the Vault, kept on its storage nodes, as the mobile Vault does. Otherwise into a plain
   * local database: the same documents and revisions without a second per new database.
   */
  readonly ownDatastores?: boolean
}

/** Where a server keeps a database and how it is opened: what a request record carries. */
export interface ServerContext {
  readonly serverDid: string
  readonly contextName: string
}
export interface SharedDatabase {
  readonly databaseName: string
  /** 64 hex. */
  readonly encryptionKey: string
}

export interface AwaitSyncInput extends ServerContext {
  readonly syncRequestDatabaseName: string
  readonly syncRequestId: string
  /** The key that the Vault sent with its sync: 64 hex. */
  readonly key: string
  readonly timeoutMs: number
  /** The mobile Vault looks every 5 s. */
  readonly pollMs?: number
}

/** `syncInfo` of a complete request record, as the Vault reads it. */
export interface VaultSyncInfo {
  readonly schemas: Readonly<Record<string, SharedDatabase>>
  readonly newAuth?: { readonly accessToken: string; readonly refreshToken: string }
  readonly [member: string]: unknown
}

export interface PullInput extends ServerContext {
  readonly schemas: Readonly<Record<string, SharedDatabase>>
  /** Put the live leaves into the report too. */
  readonly leaves?: boolean
}

/** What one database brought. Counts are of documents as the Vault holds them after the pull. */
export interface SchemaReport {
  /** Live records of this schema in the server's database. */
  readonly pulled: number
  /** Live documents that are no records of this schema, such as a receipt's head; counted nowhere else. */
  readonly others: number
  /** Documents whose winner is a deletion. */
  readonly deleted: number
  readonly decrypted: number
  /** By the schema, as Verida's client judges. */
  readonly valid: number
  /** The first of those that are not valid. */
  readonly faults: readonly { readonly id: string; readonly errors: readonly string[] }[]
  /** Records with a Verida signature of the server's context that checks. */
  readonly signaturesValid: number
  /** Documents with more than one live revision in the Vault. */
  readonly conflicts: number
  /** Documents of which the Vault shows another revision than the server's winner. */
  readonly stale: number
  /** Over the live winners of the server's database (protocol.md 5.2). */
  readonly stateRoot: string
  readonly leaves?: readonly (readonly [id: string, rev: string])[]
}

export interface PullReport {
  readonly schemas: Readonly<Record<string, SchemaReport>>
  /** Over what the Vault could decrypt: SHA-256 of the sorted SHA-256 of [schema, _id, record], without _rev and signatures. */
  readonly digest: string
}

export interface EditInput {
  readonly schema: string
  readonly id: string
  readonly changes: Readonly<Record<string, unknown>>
}

/** Which file, by the schemas of its record and of its chunks. */
export interface FileInput {
  readonly schema: string
  readonly chunkSchema: string
  /** The service's own id of the file. */
  readonly sourceId: string
}

/** A file whose every chunk and whole was checked. */
export interface FileReport {
  readonly name: string
  readonly size: number
  /** Of the bytes as they were put together. */
  readonly sha256: string
}

export interface SignedRequestInput {
  readonly method: string
  readonly url: string
  readonly body?: string
  readonly audience: string
}

/** Each request of the Vault's process: its input and what it gives back. */
export interface VaultRequests {
  open: { readonly input: VaultSettings; readonly output: null }
  did: { readonly input: null; readonly output: string }
  awaitSync: { readonly input: AwaitSyncInput; readonly output: VaultSyncInfo }
  pull: { readonly input: PullInput; readonly output: PullReport }
  records: {
    readonly input: { readonly schema: string; readonly limit: number }
    readonly output: readonly Readonly<Record<string, unknown>>[]
  }
  file: { readonly input: FileInput; readonly output: FileReport }
  edit: { readonly input: EditInput; readonly output: { readonly rev: string } }
  signedRequest: { readonly input: SignedRequestInput; readonly output: string }
}
export type VaultMethod = keyof VaultRequests

export interface RequestMessage {
  readonly id: number
  readonly method: VaultMethod
  readonly input: unknown
}
export type ReplyMessage =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string }
  /** Something failed in the client's background work, which no request waits for. */
  | { readonly kind: 'warning'; readonly message: string }
