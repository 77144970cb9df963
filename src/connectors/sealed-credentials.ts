/** A connector's tokens and account as its rows hold them: sealed under the key ring, opening only in their tenant, connector and field. */
import { z } from 'zod'
import type { KeyRing } from '../credentials/key-ring.js'
import { openValue, sealValue } from '../credentials/sealed-value.js'
import { NodeError } from '../errors.js'
import { Redacted, reveal } from '../lib/redacted.js'
import type { Account, Tokens } from '../provider/index.js'

/** Where a sealed value belongs. */
export interface CredentialPlace {
  readonly tenant: string
  readonly id: string
}

/** `tokens` changes with every refresh, `account` never. */
export type CredentialField = 'tokens' | 'account'

const tokensForm = z.strictObject({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  expiresAtMs: z.number().optional(),
  scopes: z.array(z.string()).optional(),
})

const accountForm = z.strictObject({
  id: z.string(),
  name: z.string(),
  username: z.string().optional(),
  avatarUrl: z.string().optional(),
})

const bound = ({ tenant, id }: CredentialPlace, field: CredentialField): readonly string[] => [
  tenant,
  id,
  field,
]

export function sealTokens(ring: KeyRing, place: CredentialPlace, tokens: Tokens): string {
  const { accessToken, refreshToken, expiresAtMs, scopes } = tokens
  const plain = {
    accessToken: reveal(accessToken),
    ...(refreshToken !== undefined && { refreshToken: reveal(refreshToken) }),
    expiresAtMs,
    scopes,
  }
  return sealValue(ring, JSON.stringify(plain), bound(place, 'tokens'))
}

/** @throws NodeError SEAL_FAILED: changed, of another tenant, connector or field, or by a key that is not on the ring */
export function openTokens(ring: KeyRing, place: CredentialPlace, sealed: string): Tokens {
  const { accessToken, refreshToken, expiresAtMs, scopes } = opened(ring, place, 'tokens', sealed, tokensForm)
  return {
    accessToken: new Redacted(accessToken),
    ...(refreshToken !== undefined && { refreshToken: new Redacted(refreshToken) }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(scopes !== undefined && { scopes }),
  }
}

export function sealAccount(ring: KeyRing, place: CredentialPlace, account: Account): string {
  const { id, name, username, avatarUrl } = account
  return sealValue(ring, JSON.stringify({ id, name, username, avatarUrl }), bound(place, 'account'))
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
  const read = form.safeParse(JSON.parse(openValue(ring, sealed, bound(place, field))))
  if (read.success) return read.data
  throw new NodeError('SEAL_FAILED', { detail: `the ${field} of connector ${place.id} are of no known form` })
}
