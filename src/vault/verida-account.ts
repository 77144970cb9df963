/**
 * Verida's account, loaded at the first need and without its types: those bring a second @types/node into the program,
 * under which no Buffer is a Uint8Array any more. Only what the node uses is described here.
 */
import { createRequire } from 'node:module'

export interface VeridaKeyring {
  getKeys(): Promise<{ readonly signPrivateKey: Uint8Array }>
}

export interface VeridaServices {
  readonly database: VeridaService
  readonly messaging: VeridaService
}

export interface VeridaService {
  readonly type: string
  readonly endpointUri: readonly string[]
}

export interface VeridaDidDocument {
  addContext(
    name: string,
    keyring: VeridaKeyring,
    privateKey: string,
    services: VeridaServices,
  ): Promise<void>
}

export interface VeridaDidClient {
  /** @throws when the DID does not resolve */
  get(did: string): Promise<VeridaDidDocument>
  /** What each endpoint answered. */
  save(document: VeridaDidDocument): Promise<Readonly<Record<string, { readonly status: string }>>>
}

export interface VeridaAccount {
  keyring(contextName: string): Promise<VeridaKeyring>
  /** `undefined` when the DID document does not name the context, or cannot be read; with `create` it is made. */
  storageConfig(
    contextName: string,
    create: boolean,
  ): Promise<{ readonly services: { readonly databaseServer: VeridaService } } | undefined>
  getDidClient(): Promise<VeridaDidClient>
}

export interface VeridaAccountFacts {
  /** 0x hex. */
  readonly privateKey: string
  /** Pays for the registration; 0x hex. */
  readonly gasKey: string
  readonly network: string
  readonly rpcUrl: string
  /** With a slash at their ends. */
  readonly didEndpoints: readonly string[]
  readonly services: VeridaServices
}

interface AccountModule {
  readonly AutoAccount: new (
    config: {
      readonly privateKey: string
      readonly environment: string
      readonly didClientConfig: {
        readonly network: string
        readonly rpcUrl: string
        readonly callType: 'web3'
        readonly web3Config: {
          readonly privateKey: string
          readonly rpcUrl: string
          readonly gasLimit: number
        }
        readonly didEndpoints: readonly string[]
      }
    },
    services: { readonly defaultDatabaseServer: VeridaService; readonly defaultMessageServer: VeridaService },
  ) => VeridaAccount
}

export function openVeridaAccount(facts: VeridaAccountFacts): VeridaAccount {
  const { AutoAccount } = createRequire(import.meta.url)('@verida/account-node') as AccountModule
  const { privateKey, gasKey, network, rpcUrl, didEndpoints, services } = facts
  // Any gas limit: without one the client asks a gas station on the internet.
  const web3Config = { privateKey: gasKey, rpcUrl, gasLimit: 3_000_000 }
  return new AutoAccount(
    {
      privateKey,
      environment: network,
      didClientConfig: { network, rpcUrl, callType: 'web3', web3Config, didEndpoints },
    },
    { defaultDatabaseServer: services.database, defaultMessageServer: services.messaging },
  )
}
