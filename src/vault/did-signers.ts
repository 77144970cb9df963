/**
 * Whose keys may sign for a DID, read from the registry contract and the DID document that it names (protocol.md 6).
 * The stock resolver is not used: it takes every failure for "not found" and checks no proof.
 */
import { createRequire } from 'node:module'
import { Agent, request, type Dispatcher } from 'undici'
import { NodeError } from '../errors.js'
import type { Clock } from '../lib/clock.js'
import { didAddress, type Did } from '../lib/did.js'

export interface DidSignersOptions {
  readonly rpcUrl: string
  readonly clock: Clock
  /** Connections to a document's address, which whoever registers a DID chooses. Default: to anywhere. */
  readonly dispatcherFor?: (url: string) => Dispatcher
}

/**
 * Addresses or public keys (hex) that may sign: none for a DID that was revoked, `undefined` for one that was never
 * registered. @throws NodeError RESOLVER_DOWN
 */
export type DidSigners = (did: Did) => Promise<readonly string[] | undefined>

const CACHE_MS = 5 * 60_000
const MAX_CACHED = 10_000
const TIME_OUT_MS = 5_000
const MAX_DOCUMENT_BYTES = 1_000_000
/** A DID may be entered with any number of addresses: one request here must not become many elsewhere. */
const MAX_ENDPOINTS = 8

export function createDidSigners({ rpcUrl, clock, dispatcherFor }: DidSignersOptions): DidSigners {
  const cache = new Map<Did, { readonly until: number; readonly signers: readonly string[] }>()
  const agent = new Agent({ connect: { timeout: TIME_OUT_MS } })
  const agentFor = dispatcherFor ?? (() => agent)
  return async (did) => {
    const known = cache.get(did)
    if (known !== undefined && known.until > clock.now()) return known.signers
    const found = await lookup(agent, rpcUrl, did)
    if (found.kind === 'unregistered') return undefined
    const signers = found.kind === 'revoked' ? [] : await signersFromDocument(agentFor, did, found)
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(did, { until: clock.now() + CACHE_MS, signers })
    return signers
  }
}

/** The package types what matters here as `any`. */
type Abis = Readonly<Record<'VeridaDIDRegistry', { readonly abi: string }>>

/** What the contract says of a DID: where its document is, or why there is none. */
type Found =
  | { readonly kind: 'registered'; readonly controller: string; readonly endpoints: readonly string[] }
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'revoked' }

async function lookup(agent: Agent, rpcUrl: string, did: Did): Promise<Found> {
  const [{ Interface }, { CONTRACT_ABI, CONTRACT_ADDRESS }] = await Promise.all([
    import('@ethersproject/abi'),
    import('@verida/vda-common'),
  ])
  const contract = new Interface((CONTRACT_ABI as Abis)['VeridaDIDRegistry'].abi)
  const network = did.split(':')[2] ?? ''
  const to = (CONTRACT_ADDRESS['VeridaDIDRegistry'] as Readonly<Record<string, string | null>>)[network]
  // Networks of later clients have no address in this table: nothing can be said about their DIDs.
  if (!to) throw new NodeError('RESOLVER_DOWN', { detail: `no registry is known for network ${network}` })
  const call = { to, data: contract.encodeFunctionData('lookup', [didAddress(did)]) }
  const answer = await readJson(agent, rpcUrl, {
    jsonrpc: '2.0',
    id: 1,
    method: 'eth_call',
    params: [call, 'latest'],
  })
  if (typeof answer['result'] === 'string') {
    try {
      const result = contract.decodeFunctionResult('lookup', answer['result'])
      const [controller, endpoints] = result as unknown as readonly [string, readonly string[]]
      return { kind: 'registered', controller: controller.toLowerCase(), endpoints }
    } catch (cause) {
      throw new NodeError('RESOLVER_DOWN', { detail: 'the registry answered with what is no result', cause })
    }
  }
  // Both are reverts. Only their names tell a key that still counts from one that must not; chains put them anywhere.
  const reverted = JSON.stringify(answer['error'] ?? {})
  const names = (reason: string): boolean =>
    reverted.includes(contract.getSighash(reason)) || reverted.includes(reason)
  if (names('RevokedDID')) return { kind: 'revoked' }
  if (names('UnregisteredDID')) return { kind: 'unregistered' }
  throw new NodeError('RESOLVER_DOWN', { detail: 'the registry answered with an error' })
}

/** Loaded at the first need; by `require`, since its default export has another place for every loader. */
interface EncryptionModule {
  readonly default: { verifySig(data: object, signature: string, publicKeyOrAddress: string): boolean }
}

interface DidDocument {
  readonly id?: string
  readonly proof?: { readonly proofValue?: string }
  readonly verificationMethod?: readonly { readonly id?: string; readonly publicKeyHex?: string }[]
}

async function signersFromDocument(
  agentFor: (url: string) => Dispatcher,
  did: Did,
  { controller, endpoints }: Found & { readonly kind: 'registered' },
): Promise<readonly string[]> {
  const { default: EncryptionUtils } = createRequire(import.meta.url)(
    '@verida/encryption-utils',
  ) as EncryptionModule
  const failures: unknown[] = []
  for (const endpoint of endpoints.slice(0, MAX_ENDPOINTS)) {
    try {
      const { data } = await readJson(agentFor(endpoint), endpoint)
      const document = (data ?? {}) as DidDocument
      const { proof, ...signed } = document
      const proven =
        document.id?.toLowerCase() === did &&
        proof?.proofValue !== undefined &&
        // The DID's own address until control was handed on; from then on its old key counts for nothing.
        EncryptionUtils.verifySig(signed, proof.proofValue, controller)
      if (proven) return [controller, ...contextSignKeys(document, did)]
      failures.push(new Error("the document is not signed by its DID's controller"))
    } catch (error) {
      failures.push(error)
    }
  }
  throw new NodeError('RESOLVER_DOWN', {
    detail: 'no endpoint gave a valid DID document',
    cause: new AggregateError(failures),
  })
}

/** Signing keys of the DID's contexts; keys for encryption are not among them. */
function contextSignKeys(document: DidDocument, did: Did): string[] {
  return (document.verificationMethod ?? []).flatMap(({ id, publicKeyHex }) =>
    id?.toLowerCase().startsWith(`${did}?`) && id.endsWith('&type=sign') && publicKeyHex !== undefined
      ? [publicKeyHex.replace(/^0x/, '')]
      : [],
  )
}

async function readJson(
  dispatcher: Dispatcher,
  url: string,
  body?: object,
): Promise<Record<string, unknown>> {
  try {
    const answer = await request(url, {
      dispatcher,
      method: body === undefined ? 'GET' : 'POST',
      signal: AbortSignal.timeout(TIME_OUT_MS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const json: unknown = JSON.parse(await readText(answer.body))
    if (typeof json !== 'object' || json === null) throw new TypeError('the answer is no object')
    return json as Record<string, unknown>
  } catch (error) {
    throw new NodeError('RESOLVER_DOWN', { cause: error })
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_DOCUMENT_BYTES) throw new RangeError('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
