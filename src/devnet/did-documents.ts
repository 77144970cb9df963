/** The DID documents of one storage node: versioned, each signed by its DID. It never answers for what the registry says. */
import { EntryStore } from './entry-store.js'
import type { Json, JsonObject } from '../lib/canonical-json.js'
import { addressOf } from '../lib/secp256k1.js'
import { addressOfDid, contextHash, veridaSigner } from './verida-signature.js'

/** A DID document as Verida writes it; the fields read here. */
export interface DidDocument extends JsonObject {
  readonly id: string
  readonly versionId: number
  readonly created: string
  readonly updated: string
}

interface Versions {
  readonly versions: readonly DidDocument[]
}

/** What a storage node refuses with; the message goes out as it is. */
export class DidRefused extends Error {
  override readonly name = 'DidRefused'
  constructor(
    message: string,
    readonly status: number = 400,
  ) {
    super(message)
  }
}

export class DidDocuments {
  readonly #store: EntryStore<Versions>

  constructor(folder: string | undefined) {
    this.#store = new EntryStore(folder)
  }

  latest(did: string): DidDocument | undefined {
    return this.versions(did).at(-1)
  }

  /** Oldest first. */
  versions(did: string): readonly DidDocument[] {
    return this.#store.get(did.toLowerCase())?.versions ?? []
  }

  /** @throws DidRefused */
  create(did: string, sent: unknown): void {
    const document = checked(did, sent, 0)
    if (this.latest(did) !== undefined)
      throw new DidRefused('DID Document already exists. Use PUT request to update.')
    this.#store.set(did.toLowerCase(), { versions: [document] })
  }

  /** @throws DidRefused unless it is the next version */
  update(did: string, sent: unknown): void {
    const current = this.latest(did)
    if (current === undefined) throw new DidRefused('DID Document not found')
    const document = checked(did, sent, current.versionId + 1)
    if (document.created !== current.created)
      throw invalid(`Incorrect value for created (Expected ${current.created})`)
    if (document.updated < current.updated) throw new DidRefused('updated must be after the current document')
    this.#store.set(did.toLowerCase(), { versions: [...this.versions(did), document] })
  }

  /** Signed with the minute in it, one minute of difference allowed. @returns how many versions there were @throws DidRefused */
  delete(did: string, signature: string): number {
    const versions = this.versions(did)
    const document = versions.at(-1)
    if (document === undefined) throw new DidRefused('DID Document not found')
    const minute = Math.round(Date.now() / 60_000)
    const signed = [-1, 0, 1].some((skew) =>
      isSignedBy(document, `Delete DID Document ${did.toLowerCase()} at ${minute + skew}`, signature),
    )
    if (!signed) throw new DidRefused('Invalid signature')
    this.#store.delete(did.toLowerCase())
    return versions.length
  }
}

/** Whether the DID's own key signed. */
export function isSignedBy(document: DidDocument, value: Json, signature: string): boolean {
  const key = keyAt(document, document.id)
  return key !== undefined && veridaSigner(value, signature) === key
}

/** Whether the signing key of one of the DID's contexts signed. */
export function isSignedByContext(
  document: DidDocument,
  contextName: string,
  value: Json,
  signature: string,
): boolean {
  const key = keyAt(document, `${document.id}?context=0x${contextHash(document.id, contextName)}&type=sign`)
  return key !== undefined && veridaSigner(value, signature) === key
}

/** The storage nodes of a context, as its owner listed them. */
export function contextEndpoints(document: DidDocument, contextName: string): readonly string[] | undefined {
  const id = `${document.id}?context=0x${contextHash(document.id, contextName)}&type=database`
  const endpoint = (objects(document['service']).find((service) => service['id'] === id) ?? {})[
    'serviceEndpoint'
  ]
  return Array.isArray(endpoint)
    ? endpoint.filter((one): one is string => typeof one === 'string')
    : undefined
}

/** The address of a verification method's key. */
function keyAt(document: DidDocument, id: string): string | undefined {
  const key = objects(document['verificationMethod']).find((method) => method['id'] === id)?.['publicKeyHex']
  if (typeof key !== 'string' || !/^(0x)?(04[0-9a-f]{128}|0[23][0-9a-f]{64})$/i.test(key)) return undefined
  return addressOf(Buffer.from(key.replace(/^0x/, ''), 'hex'))
}

const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonObject[]) : []

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

function checked(did: string, sent: unknown, versionId: number): DidDocument {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    throw new DidRefused('No document specified')
  const document = sent as JsonObject
  if (document['id'] !== did.toLowerCase()) throw invalid('DID must match ID in the DID Document')
  for (const field of ['versionId', 'created', 'updated', 'proof']) {
    if (document[field] === undefined) throw invalid(`Missing required field (${field})`)
  }
  if (document['versionId'] !== versionId)
    throw invalid(`Incorrect value for versionId (Expected ${versionId})`)
  for (const field of ['created', 'updated']) {
    const value = document[field]
    if (typeof value !== 'string' || !TIMESTAMP.test(value))
      throw invalid(`${field} must be a valid timestamp`)
  }
  if (!isProven(did, document)) throw invalid('Invalid proof')
  return document as DidDocument
}

/** The key in the document signed it, and it is the key that the DID is named after: nobody else can publish for a DID. */
function isProven(did: string, document: JsonObject): boolean {
  const { proof, ...rest } = document
  const signature = (proof as JsonObject | undefined)?.['proofValue']
  if (typeof signature !== 'string') return false
  return (
    isSignedBy(document as DidDocument, rest, signature) &&
    veridaSigner(rest, signature) === addressOfDid(did)
  )
}

const invalid = (message: string): DidRefused => new DidRefused(`Invalid DID Document: ${message}`)
