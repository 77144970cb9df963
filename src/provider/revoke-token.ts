/** The end of a grant by RFC 7009, for services that keep to it, and how a client says there who it is. */
import { reveal, type Redacted } from '../lib/redacted.js'
import type { Tokens } from './auth.js'
import type { ProviderHttp } from './http.js'

export interface ClientSecret {
  readonly clientId: string
  readonly clientSecret: Redacted
}

/** `basic`: in the header; `body`: among the form's fields (RFC 6749, 2.3.1). */
export interface RevokingClient extends ClientSecret {
  readonly by: 'basic' | 'body'
}

/** Value of a client's Authorization header: both parts form-encoded before they are joined (RFC 6749, 2.3.1). */
export function basicAuthorization({ clientId, clientSecret }: ClientSecret): string {
  const pair = `${formEncoded(clientId)}:${formEncoded(reveal(clientSecret))}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

const formEncoded = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2)

/**
 * Ends the whole grant by its refresh token, where there is one: an access token may end alone (RFC 7009, 2.1).
 * @param client missing: the service asks for none
 */
export async function revokeToken(
  http: ProviderHttp,
  url: string,
  tokens: Tokens,
  client?: RevokingClient,
): Promise<void> {
  const token = reveal(tokens.refreshToken ?? tokens.accessToken)
  const inForm = client?.by === 'body' && {
    client_id: client.clientId,
    client_secret: reveal(client.clientSecret),
  }
  const headers = client?.by === 'basic' ? { authorization: basicAuthorization(client) } : {}
  await http.post(url, { form: { token, ...inForm } }, { headers })
}
