/** Reads the answer of a token endpoint (RFC 6749 5.1, 5.2), as lenient as services are sloppy; no value of it is ever quoted. */
import { NodeError } from '../errors.js'
import { Redacted } from '../lib/redacted.js'
import { z, type OAuth2, type Tokens } from '../provider/index.js'

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

/** The error code of RFC 6749 5.2, of any text. */
export function oauthErrorOf(json: unknown): string | undefined {
  return failure.safeParse(json).data?.error
}

/** @throws NodeError PROVIDER_CHANGED: no token in it */
export function tokensOf(json: unknown, auth: Pick<OAuth2, 'scopeJoin'>, nowMs: number): Tokens {
  const read = success.safeParse(json)
  if (!read.success) {
    const paths = read.error.issues.slice(0, 3).map((issue) => `${issue.path.join('/')}:${issue.code}`)
    throw new NodeError('PROVIDER_CHANGED', { detail: `a token answer of another form (${paths.join(' ')})` })
  }
  const { access_token, refresh_token, expires_in, scope } = read.data
  const scopes = typeof scope === 'string' ? splitScopes(scope, auth) : scope
  return {
    accessToken: new Redacted(access_token),
    ...(refresh_token !== undefined && { refreshToken: new Redacted(refresh_token) }),
    ...(expires_in !== undefined && { expiresAtMs: nowMs + Math.floor(expires_in * 1_000) }),
    ...(scopes !== undefined && { scopes }),
  }
}

/** Services that ask for a comma in the authorize address answer with either. */
function splitScopes(text: string, { scopeJoin = ' ' }: Pick<OAuth2, 'scopeJoin'>): readonly string[] {
  return text
    .replaceAll(scopeJoin.trim() || ' ', ' ')
    .split(/\s+/)
    .filter((scope) => scope !== '')
}
