/** Who this node is on Verida's network: its DID, its context and their keys. Registers itself at the first need; reads no settings. */
import sha3 from 'js-sha3'
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import { parseDid, type Did } from '../lib/did.js'
import { reveal, type Redacted } from '../lib/redacted.js'
import { addressOf, publicKeyOf, signDigest } from '../lib/secp256k1.js'
import { within } from './deadline.js'
import { createDidSigners } from './did-signers.js'
import type { StorageIdentity } from './storage-session.js'
import { openVeridaAccount, type VeridaAccount, type VeridaServices } from './verida-account.js'

export interface IdentityOptions {
  readonly network: string
  readonly rpcUrl: string
  /** 32 bytes, hex. */
  readonly privateKey: Redacted
  /** Pays for the registration; default: the key of the DID. */
  readonly gasKey?: Redacted | undefined
  readonly contextName: string
  readonly storageNodes: readonly string[]
  /** Where the DID document is kept, such as `https://node.example/did/`. */
  readonly didEndpoints: readonly string[]
  readonly clock: Clock
}

export interface NodeIdentity extends StorageIdentity {
  readonly did: Did
  /**
   * Registers the DID and its context, or brings the listed storage nodes up to date. Once; joined; a failure stands
   * for some seconds, so that a registry that hangs is not waited for by every call. @throws NodeError RESOLVER_DOWN
   */
  ensureRegistered(): Promise<void>
  /** The context's signing key, 32 bytes: signs records. */
  signingKey(): Promise<Uint8Array>
}

const FAILURE_STANDS_MS = 5_000
/** Verida's client has no time limits: an endpoint that hangs would be waited for as long as the process lives. */
const REGISTER_MS = 60_000

export function createIdentity(options: IdentityOptions): NodeIdentity {
  const key = Buffer.from(hexOf(options.privateKey), 'hex')
  const did = parseDid(`did:vda:${options.network}:${addressOf(publicKeyOf(key))}`, options.network)
  if (did === undefined) throw new NodeError('CONFIG_INVALID', { detail: 'VERIDA_NETWORK' })
  const { contextName } = options
  let opened: VeridaAccount | undefined
  let registered: Promise<void> | undefined
  let againAtMs = Number.POSITIVE_INFINITY
  const account = (): VeridaAccount => (opened ??= openAccount(options))
  return {
    did,
    contextName,
    async sign(text) {
      const digest = Buffer.from(sha3.keccak256.arrayBuffer(Buffer.from(text, 'utf8')))
      const { bytes, recovery } = signDigest(digest, key)
      return `0x${Buffer.from(bytes).toString('hex')}${(27 + recovery).toString(16)}`
    },
    ensureRegistered() {
      if (options.clock.now() >= againAtMs) {
        registered = undefined
        againAtMs = Number.POSITIVE_INFINITY
      }
      registered ??= within(REGISTER_MS, undefined, () => register(account, did, options)).catch(
        (error: unknown) => {
          againAtMs = options.clock.now() + FAILURE_STANDS_MS
          // Verida's client keeps the document that it could not save, and would take it for the registered one.
          opened = undefined
          throw error instanceof NodeError
            ? error
            : new NodeError('RESOLVER_DOWN', {
                detail: 'the DID of this node cannot be registered',
                cause: error,
              })
        },
      )
      return registered
    },
    async signingKey() {
      const keyring = await account().keyring(contextName)
      return (await keyring.getKeys()).signPrivateKey
    },
  }
}

/**
 * The registry is asked first and by our own reader: Verida's client takes every failure for "not found", and would
 * then make a new document in place of the one that it could not read.
 */
async function register(account: () => VeridaAccount, did: Did, options: IdentityOptions): Promise<void> {
  const { contextName } = options
  const signers = await createDidSigners(options)(did)
  if (signers === undefined) {
    await account().storageConfig(contextName, true)
    return
  }
  const known = await account().storageConfig(contextName, false)
  const services = servicesOf(options)
  if (known !== undefined && isSame(known.services.databaseServer.endpointUri, services.database.endpointUri))
    return
  const client = await account().getDidClient()
  const document = await client.get(did)
  await document.addContext(
    contextName,
    await account().keyring(contextName),
    keyText(options.privateKey),
    services,
  )
  await client.save(document)
}

function openAccount(options: IdentityOptions): VeridaAccount {
  return openVeridaAccount({
    ...options,
    privateKey: keyText(options.privateKey),
    gasKey: keyText(options.gasKey ?? options.privateKey),
    didEndpoints: options.didEndpoints.map(withSlash),
    services: servicesOf(options),
  })
}

function servicesOf({ storageNodes }: IdentityOptions): VeridaServices {
  const endpointUri = storageNodes.map(withSlash)
  return {
    database: { type: 'VeridaDatabase', endpointUri },
    messaging: { type: 'VeridaMessage', endpointUri },
  }
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((url) => b.includes(withSlash(url)))

/** The clients join paths by plain concatenation. */
const withSlash = (url: string): string => url.replace(/\/*$/, '/')
const hexOf = (secret: Redacted): string => reveal(secret).replace(/^0x/, '')
const keyText = (secret: Redacted): string => `0x${hexOf(secret)}`
