/** What of an account's tokens must not appear in raw data. */
import { reveal } from '../lib/redacted.js'
import type { Tokens } from '../provider/index.js'

/** A shorter one may be any word of a text. */
const MIN_FIELD = 8

export function secretsOf({ accessToken, refreshToken, fields }: Tokens): readonly string[] {
  const entered = Object.values(fields?.secrets ?? {})
    .map(reveal)
    .filter((secret) => secret.length >= MIN_FIELD)
  const tokens = [accessToken, ...(refreshToken === undefined ? [] : [refreshToken])].map(reveal)
  return [...tokens, ...entered].filter((secret) => secret !== '')
}
