/** Takes credentials out of raw provider data before it is kept: answers quote tokens in paging links and elsewhere. */
import type { Json, JsonObject } from '../lib/canonical-json.js'

const SECRET_NAME =
  /^(access|refresh|id|auth|bearer|session|page)?_?token$|^(client_?)?secret$|^authorization$|^api_?key$|^password$/i
const SECRET_PARAMETER =
  /([?&#](?:access_token|refresh_token|id_token|client_secret|appsecret_proof|api_key|sig|signature)=)[^&#\s"]*/gi
const HIDDEN = 'removed'

/** The same value without members named like credentials, without token parameters in addresses, without the live tokens. */
export function scrub(value: Json, liveTokens: readonly string[]): Json {
  if (typeof value === 'string') return scrubText(value, liveTokens)
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => scrub(item, liveTokens))
  if (typeof value === 'object' && value !== null) return scrubObject(value as JsonObject, liveTokens)
  return value
}

function scrubObject(object: JsonObject, liveTokens: readonly string[]): JsonObject {
  const members = Object.entries(object)
    .filter(([name, member]) => member !== undefined && !SECRET_NAME.test(name))
    .map(([name, member]) => [name, scrub(member as Json, liveTokens)] as const)
  // fromEntries defines members, so a key `__proto__` stays a plain member.
  return Object.fromEntries(members)
}

function scrubText(text: string, liveTokens: readonly string[]): string {
  let clean = text.includes('=') ? text.replace(SECRET_PARAMETER, `$1${HIDDEN}`) : text
  for (const token of liveTokens)
    if (token.length >= 8 && clean.includes(token)) clean = clean.replaceAll(token, HIDDEN)
  return clean
}
