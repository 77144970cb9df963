/** A DID's agreement that a tenant's connector fills its databases: an owner-signed token over tenant, type and destination, good once. */
import { NodeError } from '../../errors.js'
import { canonicalJson } from '../../lib/canonical-json.js'
import { parseDid, type Did } from '../../lib/did.js'
import type { OwnerTokenReader } from './owner.js'

export interface ConsentWish {
  readonly tenant: string
  readonly type: string
  /** Whom the tenant names. */
  readonly ownerDid: string
  readonly token: string
}

const PATH = '/v1/connectors'

/** What the owner signs as the body of a POST to /v1/connectors, byte for byte: he never sends it there himself. */
export const consentText = ({ tenant, type }: Pick<ConsentWish, 'tenant' | 'type'>): string =>
  canonicalJson({ destination: 'vault', tenant, type })

/** @throws NodeError REQUEST_INVALID: no agreement of this DID to this; RESOLVER_DOWN */
export async function readConsent(read: OwnerTokenReader, wish: ConsentWish, network: string): Promise<Did> {
  const named = parseDid(wish.ownerDid, network)
  if (named === undefined) throw invalid('owner_did', 'is not a DID')
  const body = Buffer.from(consentText(wish), 'utf8')
  const signer = await read(wish.token, { method: 'POST', path: PATH, body }).catch((error: unknown) => {
    // Its own code would say that the tenant is not who he is.
    if (error instanceof NodeError && error.code === 'UNAUTHENTICATED')
      throw invalid('owner_consent', `is no agreement to this: ${error.detail ?? 'not signed'}`)
    throw error
  })
  if (signer !== named) throw invalid('owner_consent', 'is another DID’s')
  return signer
}

const invalid = (path: string, message: string): NodeError =>
  new NodeError('REQUEST_INVALID', { fields: [{ path, message }] })
