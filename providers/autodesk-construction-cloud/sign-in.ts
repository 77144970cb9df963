/** Signing in at Autodesk, for a person (three-legged) or for the application itself (two-legged), and out. https://aps.autodesk.com/en/docs/oauth/v2 */
import {
  basicAuthorization,
  reveal,
  type ClientCredentials,
  type FieldsShape,
  type OAuth2,
  type Revoke,
} from '../../src/provider/index.js'
import { API } from './data-management.js'
import type { settings as shape } from './settings.js'

const TOKEN = `${API}/authentication/v2/token`
const SCOPES = {
  'data:read': 'To copy the list of files',
  'data:create': 'To be told at once when files change',
  'data:write': 'To end being told of changes; no file is ever changed',
}

const fields: FieldsShape = {
  hubId: {
    kind: 'text',
    label: 'Hub',
    help: 'b. and the id of the account, from the address of Account Admin. Empty: the first that is seen.',
    optional: true,
    pattern: '[ab]\\.[A-Za-z0-9_-]{1,100}',
    example: 'b.your-account-id',
  },
  projectId: {
    kind: 'text',
    label: 'Project',
    help: 'b. and the id of one project, from its address. Empty: all projects of the hub.',
    optional: true,
    pattern: '[ab]\\.[A-Za-z0-9_-]{1,100}',
    example: 'b.your-project-id',
  },
}

export const oauth2: OAuth2<typeof shape> = {
  kind: 'oauth2',
  authorize: `${API}/authentication/v2/authorize`,
  token: TOKEN,
  clientAuth: 'basic',
  refresh: true, // Each refresh token is good once, and ends after 15 days unused.
  refreshLifeMs: 15 * 86_400_000,
  scopes: SCOPES,
  fields,
}

export const clientCredentials: ClientCredentials<typeof shape> = {
  kind: 'client_credentials',
  token: TOKEN,
  clientAuth: 'basic',
  scopes: SCOPES,
  fields,
}

/** https://aps.autodesk.com/en/docs/oauth/v2/reference/http/revoke-POST/ */
export const revoke: Revoke<typeof shape> = async (http, { settings, tokens }) => {
  const authorization = basicAuthorization(settings)
  const form =
    tokens.refreshToken === undefined
      ? { token: reveal(tokens.accessToken), token_type_hint: 'access_token' }
      : { token: reveal(tokens.refreshToken), token_type_hint: 'refresh_token' }
  await http.post(`${API}/authentication/v2/revoke`, { form }, { headers: { authorization } })
}
