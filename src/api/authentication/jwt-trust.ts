/** Which tokens this node believes, by its settings: signed with a shared secret, or by an issuer with published keys. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import { keptSecret } from '../../credentials/secret-files.js'
import type { Redacted } from '../../lib/redacted.js'

export type JwtTrust = {
  /** What `iss` must be, when it must be something. */
  readonly issuer: string | undefined
  /** What `aud` must hold, when it must hold something. */
  readonly audience: string | undefined
} & ({ readonly kind: 'secret'; readonly secret: Redacted } | { readonly kind: 'key set'; readonly url: URL })

/**
 * `undefined`: no JWT passes. Only outside of production is a secret made, and kept with the others.
 * @throws NodeError CONFIG_INVALID
 */
export async function readJwtTrust(config: Config): Promise<JwtTrust | undefined> {
  const claims = { issuer: config.JWT_ISSUER, audience: config.JWT_AUDIENCE }
  if (config.JWT_JWKS_URL !== undefined)
    return { ...claims, kind: 'key set', url: new URL(config.JWT_JWKS_URL) }
  if (config.JWT_SHARED_SECRET !== undefined)
    return { ...claims, kind: 'secret', secret: config.JWT_SHARED_SECRET }
  if (config.production) return undefined
  const folder = join(config.dataDir, 'secrets')
  const secret = await keptSecret(folder, 'tokens', () => randomBytes(32).toString('base64url'))
  return { ...claims, kind: 'secret', secret }
}
