/** A connector's tokens and account as its rows hold them: sealed under the key ring, opening only in their tenant, connector and field. */
import { z } from 'zod'
import type { KeyRing } from '../credentials/key-ring.js'
import { authKind, fieldRecord, fromFieldRecord, toFieldRecord } from '../credentials/field-record.js'
import { openValue, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import type { Bytes } from '../lib/keyed-hash.js'
import { Redacted, reveal } from '../lib/redacted.js'
import type { Account, Tokens } from '../provider/index.js'

/** Where a sealed value belongs. */
export interface CredentialPlace {
  readonly tenant: string
  readonly id: string
}

/** `tokens` changes with every refresh; `account` and `owner_key` (of a DID's databases) never. calendars/sealed-facts.ts has fields of its own. */
export type CredentialField = 'tokens' | 'account' | 'owner_key'

const tokensForm = z.strictObject({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAtMs: z.number().optional(),
  scopes: z.array(z.string()).optional(),
  kind: authKind.optional(),
  fields: fieldRecord.optional(),
})

const accountForm = z.strictObject({
  id: z.string(),
  name: z.string(),
  username: z.string().optional(),
  avatarUrl: z.string().optional(),
})

/** What a seal is bound to. */
export const boundTo = ({ tenant, id }: CredentialPlace, field: CredentialField): readonly string[] => [
  tenant,
  id,
  field,
]

export function sealTokens(ring: KeyRing, place: CredentialPlace, tokens: Tokens): string {
  const { accessToken, refreshToken, expiresAtMs, scopes, kind, fields } = tokens
  const plain = {
    accessToken: reveal(accessToken),
    ...(refreshToken !== undefined && { refreshToken: reveal(refreshToken) }),
    expiresAtMs,
    scopes,
    kind,
    fields: fields && toFieldRecord(fields),
  }
  return sealValue(ring, JSON.stringify(plain), boundTo(place, 'tokens'))
}

/** @throws NodeError SEAL_FAILED: changed, of another tenant, connector or field, or by a key that is not on the ring */
export function openTokens(ring: KeyRing, place: CredentialPlace, sealed: string): Tokens {
  const kept = opened(ring, place, 'tokens', sealed, tokensForm)
  const { accessToken, refreshToken, expiresAtMs, scopes, kind, fields } = kept
  return {
    accessToken: new Redacted(accessToken),
    ...(refreshToken !== undefined && { refreshToken: new Redacted(refreshToken) }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(scopes !== undefined && { scopes }),
    ...(kind !== undefined && { kind }),
    ...(fields !== undefined && { fields: fromFieldRecord(fields) }),
  }
}

export function sealAccount(ring: KeyRing, place: CredentialPlace, account: Account): string {
  const { id, name, username, avatarUrl } = account
  return sealValue(ring, JSON.stringify({ id, name, username, avatarUrl }), boundTo(place, 'account'))
}

/** The connection's own secret, from which with the node's the names and keys of its databases follow. */
export function sealOwnerKey(ring: KeyRing, place: CredentialPlace, key: Bytes): string {
  return sealValue(ring, JSON.stringify(Buffer.from(key).toString('hex')), boundTo(place, 'owner_key'))
}

/** 32 bytes. @throws NodeError SEAL_FAILED */
export function openOwnerKey(ring: KeyRing, place: CredentialPlace, sealed: string): Bytes {
  return Buffer.from(opened(ring, place, 'owner_key', sealed, z.string().regex(/^[0-9a-f]{64}$/)), 'hex')
}

/** @throws NodeError SEAL_FAILED */
export function openAccount(ring: KeyRing, place: CredentialPlace, sealed: string): Account {
  const { id, name, username, avatarUrl } = opened(ring, place, 'account', sealed, accountForm)
  return {
    id,
    name,
    ...(username !== undefined && { username }),
    ...(avatarUrl !== undefined && { avatarUrl }),
  }
}

function opened<T>(
  ring: KeyRing,
  place: CredentialPlace,
  field: CredentialField,
  sealed: string,
  form: z.ZodType<T>,
): T {
  const read = form.safeParse(JSON.parse(openValue(ring, sealed, boundTo(place, field))))
  if (read.success) return read.data
  throw new NodeError('SEAL_FAILED', { detail: `the ${field} of connector ${place.id} are of no known form` })
}
