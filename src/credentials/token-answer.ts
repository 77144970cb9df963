/** Reads the answer of a token endpoint (RFC 6749 5.1, 5.2), as lenient as services are sloppy; no value of it is ever quoted. */
import { NodeError } from '../errors.js'
import { Redacted } from '../lib/redacted.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { isToldValue, z, type FieldsShape, type OAuth2, type Tokens } from '../provider/index.js'

/** Absent, null and empty mean the same: not said. */
const said = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value))

const success = z.object({
  access_token: z.string().min(1),
  refresh_token: said,
  // Some send a text; what is no length of time is as good as not said.
  expires_in: z
    .unknown()
    .transform((value) => {
      const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof seconds === 'number' && seconds > 0 && seconds < 1e10 ? seconds : undefined
    })
    .optional(),
  scope: z
    .union([z.array(z.string()), said])
    .optional()
    .catch(undefined),
})

const failure = z.object({ error: z.string() })

/** An answer in the form of RFC 6749, by the provider's own reader where it has one. @throws NodeError PROVIDER_CHANGED */
export function inStandardForm(
  { readToken }: Pick<OAuth2, 'readToken'>,
  json: unknown,
  nowMs: number,
): unknown {
  if (readToken === undefined || typeof json !== 'object' || json === null || Array.isArray(json)) return json
  try {
    return readToken(json as JsonObject, nowMs)
  } catch {
    // What it threw may quote the answer.
    throw new NodeError('PROVIDER_CHANGED', { detail: 'a token answer that the provider cannot read' })
  }
}

/**
 * Values that a service tells at a sign-in, by the name of their field; those that are not there are left out.
 * @throws NodeError PROVIDER_CHANGED: one that may not be kept
 */
export function toldTexts(
  shape: FieldsShape,
  from: 'callback' | 'token',
  told: (name: string) => unknown,
): Readonly<Record<string, string>> {
  const entries = Object.entries(shape).flatMap(([name, field]) => {
    if (field.kind !== 'told' || field.from !== from) return []
    const value = told(field.name)
    if (value === undefined || value === null || value === '') return []
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string' || !isToldValue(field, text))
      throw new NodeError('PROVIDER_CHANGED', { detail: `the service told an odd ${name}` })
    return [[name, text] as const]
  })
  return Object.fromEntries(entries)
}

/** The error code of RFC 6749 5.2, of any text. */
export function oauthErrorOf(json: unknown): string | undefined {
  return failure.safeParse(json).data?.error
}

/** @throws NodeError PROVIDER_CHANGED: no token in it */
export function tokensOf(json: unknown, nowMs: number): Tokens {
  const read = success.safeParse(json)
  if (!read.success) {
    const paths = read.error.issues.slice(0, 3).map((issue) => `${issue.path.join('/')}:${issue.code}`)
    throw new NodeError('PROVIDER_CHANGED', { detail: `a token answer of another form (${paths.join(' ')})` })
  }
  const { access_token, refresh_token, expires_in, scope } = read.data
  const scopes = typeof scope === 'string' ? splitScopes(scope) : scope
  return {
    accessToken: new Redacted(access_token),
    ...(refresh_token !== undefined && { refreshToken: new Redacted(refresh_token) }),
    ...(expires_in !== undefined && { expiresAtMs: nowMs + Math.floor(expires_in * 1_000) }),
    ...(scopes !== undefined && { scopes }),
  }
}

/** Services answer with spaces or commas, whichever they ask for; no scope has one in it. */
const splitScopes = (text: string): readonly string[] => text.split(/[\s,]+/).filter((scope) => scope !== '')
