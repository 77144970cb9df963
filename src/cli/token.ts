/** `connector-node token --tenant T`: a JWT for trying out /v1 on a development node; a real one comes from the application's issuer. */
import { mintJwt } from '../api/authentication/mint-jwt.js'
import { readJwtTrust } from '../api/authentication/jwt-trust.js'
import { isTenantId, knownScopes, SCOPES } from '../api/authentication/principal.js'
import { readConfig } from '../config.js'
import { NodeError } from '../errors.js'
import { systemClock } from '../lib/clock.js'

export interface TokenFacts {
  readonly tenant: string
  /** Default: `developer`. */
  readonly subject?: string | undefined
  /** Separated by commas. Default: all. */
  readonly scopes?: string | undefined
}

const DAY_MS = 86_400_000

/** Prints the token and nothing else. @throws NodeError CONFIG_INVALID */
export async function mintToken({ tenant, subject = 'developer', scopes }: TokenFacts): Promise<number> {
  if (!isTenantId(tenant))
    throw fault('--tenant must be 1 to 100 letters, digits, dots, dashes and underscores')
  const names = scopes === undefined ? SCOPES : scopes.split(',').map((name) => name.trim())
  const known = knownScopes(names)
  const unknown = names.find((name) => !(known as ReadonlySet<string>).has(name))
  if (unknown !== undefined) throw fault(`--scopes: there are ${SCOPES.join(', ')}`)
  const config = readConfig()
  if (config.production) throw fault('token makes tokens for development only')
  const trust = await readJwtTrust(config)
  if (trust?.kind !== 'secret')
    throw fault('this node takes the tokens of another issuer (JWT_JWKS_URL): ask it for one')
  console.log(await mintJwt(trust, { tenant, subject, scopes: [...known], lifetimeMs: DAY_MS }, systemClock))
  return 0
}

const fault = (detail: string): NodeError => new NodeError('CONFIG_INVALID', { detail })
