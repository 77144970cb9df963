/**
 * Verida's client and account, loaded without their types: those bring a second @types/node into the program, under which
 * no Buffer is a Uint8Array any more. Only what the Vault uses is described here.
 */
import { createRequire } from 'node:module'
import type { Pouch, PouchRecord } from './pouch.js'

export interface VeridaAccount {
  did(): Promise<string>
}

export interface VeridaDatabaseConfig {
  readonly databaseName: string
  readonly contextName: string
  readonly permissions: {
    readonly read: 'users'
    readonly write: 'users'
    readonly readList?: readonly string[]
    readonly writeList?: readonly string[]
  }
  readonly encryptionKey: Buffer
}

/** An encrypted database; `_sync` is its live replication, for which the client has no method. */
export interface VeridaDatabase {
  getDb(): Promise<Pouch>
  getLocalEncrypted(): Promise<Pouch>
  getRemoteEncrypted(): Promise<Pouch>
  get(id: string): Promise<PouchRecord>
  readonly _sync?: { cancel(): void } | null
}

export interface VeridaDatastore {
  getDb(): Promise<VeridaDatabase>
  get(id: string): Promise<PouchRecord>
  /** `false` when the record is not valid; `errors` says why. */
  save(record: object): Promise<{ readonly rev: string } | false>
  readonly errors: unknown
}

export interface VeridaContext {
  openDatastore(schema: string): Promise<VeridaDatastore>
  openExternalDatabase(name: string, did: string, config: VeridaDatabaseConfig): Promise<VeridaDatabase>
  openExternalDatastore(schema: string, did: string, config: VeridaDatabaseConfig): Promise<VeridaDatastore>
}

export interface VeridaSchema {
  validate(record: object): Promise<boolean>
  readonly errors: readonly { readonly instancePath?: string; readonly message?: string }[]
}

export interface VeridaDidDocument {
  export(): {
    readonly verificationMethod?: readonly { readonly id: string; readonly publicKeyHex?: string }[]
  }
}

export interface VeridaClient {
  readonly didClient: { get(did: string): Promise<VeridaDidDocument> }
  connect(account: VeridaAccount): Promise<void>
  openContext(name: string, forceCreate: boolean): Promise<VeridaContext | undefined>
  getSchema(uri: string): Promise<VeridaSchema>
  /** DIDs that signed the record validly. */
  getValidDataSignatures(record: object, did: string): Promise<readonly string[]>
}

interface DidClientConfig {
  readonly rpcUrl: string
}
interface ClientModule {
  readonly Client: new (config: {
    readonly environment: string
    readonly didClientConfig: DidClientConfig & { readonly network: string }
    readonly schemaPaths: Readonly<Record<string, string>>
  }) => VeridaClient
}
interface ServiceConfig {
  readonly type: string
  readonly endpointUri: readonly string[]
}
interface AccountModule {
  readonly AutoAccount: new (
    config: {
      readonly privateKey: string
      readonly environment: string
      readonly didClientConfig: DidClientConfig & {
        readonly callType: 'web3'
        readonly web3Config: {
          readonly privateKey: string
          readonly rpcUrl: string
          readonly gasLimit: number
        }
        readonly didEndpoints: readonly string[]
      }
    },
    services: { readonly defaultDatabaseServer: ServiceConfig; readonly defaultMessageServer: ServiceConfig },
  ) => VeridaAccount
}
interface EncryptionModule {
  /** Keccak-256 of a text, or of an object's JSON with sorted keys; `0x` and 64 hex. */
  readonly default: { hash(value: string | object): string }
}

const load = createRequire(import.meta.url)

export const { Client } = load('@verida/client-ts') as ClientModule
export const { AutoAccount } = load('@verida/account-node') as AccountModule
export const { default: EncryptionUtils } = load('@verida/encryption-utils') as EncryptionModule
