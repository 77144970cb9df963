/** The one registered application: its secret, its redirect addresses, and the proof that a caller is it. */
import { equalSecrets } from '../../../lib/keyed-hash.js'
import type { StateFile } from '../state.js'
import { OAuthError } from './oauth-error.js'
import { optional, type Parameters } from './parameters.js'

export const CLIENT_ID = 'connector-node'

export interface Client {
  readonly id: string
  /** Shown to people who are asked for consent. */
  readonly name: string
}

export interface Credentials {
  readonly client: Client
  readonly file: StateFile
}

/**
 * Checks client_secret_basic or client_secret_post (RFC 6749 2.3.1), never both at once.
 * @throws OAuthError invalid_client, invalid_request
 */
export function authenticateClient(
  authorization: string | undefined,
  form: Parameters,
  known: Credentials,
): void {
  const basic = readBasic(authorization)
  const posted = optional(form, 'client_secret')
  if (basic && posted !== undefined)
    throw new OAuthError('invalid_request', 'The client authenticates in two ways')
  const id = basic?.id ?? optional(form, 'client_id')
  const secret = basic?.secret ?? posted
  const right =
    id === known.client.id && secret !== undefined && equalSecrets(secret, known.file.state.client.secret)
  if (!right) throw new OAuthError('invalid_client', 'The client is not known or its secret is wrong')
}

function readBasic(authorization: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^basic +([a-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) }
}

/** Both halves are form-encoded before they are joined (RFC 6749 2.3.1). */
function formDecode(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? ''
}
