/** A service account's JSON key as Google gives it out, and the assertion that is signed with it (RFC 7523, RS256). */
import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { NodeError } from '../errors.js'
import { Redacted, reveal } from '../lib/redacted.js'
import { z } from '../provider/index.js'

/** `token_uri` is in such a file too and is not read: where an assertion is sent to is the provider's to say. */
const file = z.object({
  type: z.literal('service_account').optional(),
  client_email: z.string().min(3).max(320),
  private_key: z.string().min(1),
  private_key_id: z.string().max(200).optional(),
})

export interface ServiceKey {
  readonly email: string
  readonly keyId?: string
  readonly privateKey: KeyObject
}

/** `undefined`: no such key. What is wrong with it is not told: it is a secret. */
export function readServiceKey(text: Redacted): ServiceKey | undefined {
  try {
    const read = file.safeParse(JSON.parse(reveal(text)))
    if (!read.success) return undefined
    const { client_email: email, private_key: pem, private_key_id: keyId } = read.data
    const privateKey = createPrivateKey(pem)
    const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0
    if (privateKey.asymmetricKeyType !== 'rsa' || bits < 2048) return undefined
    return { email, privateKey, ...(keyId !== undefined && { keyId }) }
  } catch {
    // The words of a parser quote what they were given.
    return undefined
  }
}

export interface AssertionFacts {
  /** The token address: a server of another address does not take it. */
  readonly audience: string
  readonly scope: string
  /** The person whom the account acts for. */
  readonly subject?: string | undefined
  readonly nowMs: number
}

/** Google takes one hour at most: https://developers.google.com/identity/protocols/oauth2/service-account */
const LIFE_S = 3_600
/** A clock that is a little ahead must not make an assertion of the future. */
const SKEW_S = 10

/** @throws NodeError TOKEN_REVOKED: it is no key */
export function signedAssertion(
  key: Redacted,
  { audience, scope, subject, nowMs }: AssertionFacts,
): Redacted {
  const known = readServiceKey(key)
  if (known === undefined) throw new NodeError('TOKEN_REVOKED', { detail: 'no key of a service account' })
  const issuedAt = Math.floor(nowMs / 1_000) - SKEW_S
  const header = { alg: 'RS256', typ: 'JWT', kid: known.keyId }
  const claims = {
    iss: known.email,
    sub: subject ?? known.email,
    scope: scope === '' ? undefined : scope,
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + LIFE_S,
  }
  const signed = [header, claims].map((part) => encoded(JSON.stringify(part))).join('.')
  const signature = sign('RSA-SHA256', Buffer.from(signed), known.privateKey)
  return new Redacted(`${signed}.${signature.toString('base64url')}`)
}

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
