/** Whose drive it is, for people and for service accounts, which have no profile; and the key of a service account. */
import {
  readAnswer,
  type Account,
  type FieldValues,
  type ProviderHttp,
  type ServiceAccount,
  type Tokens,
} from '../../src/provider/index.js'
import { about, DRIVE_API, READ_COST } from '../google/drive-api.js'
import { DRIVE_REASONS } from '../google/scopes.js'
import type { settings } from '../google/settings.js'
import { revokeGoogle, TOKEN_ADDRESS } from '../google/sign-in.js'

/** https://developers.google.com/identity/protocols/oauth2/service-account */
export const serviceAccount: ServiceAccount<typeof settings> = {
  kind: 'service_account',
  withoutSettings: true,
  token: TOKEN_ADDRESS,
  key: 'serviceAccountKey',
  subject: 'subject',
  fields: {
    serviceAccountKey: {
      kind: 'secret',
      label: 'Service account key',
      help: 'The whole JSON key file of a service account, under IAM, Service accounts, Keys.',
      multiline: true,
    },
    subject: {
      kind: 'text',
      label: 'Act for',
      help: 'The address of a person of your Workspace domain whose files are read; needs domain-wide delegation. Empty: the files that are shared with the service account itself.',
      optional: true,
      example: 'nadia.ferreira@mail.example',
      pattern: '[^@\\s]+@[^@\\s]+',
    },
  },
  scopes: DRIVE_REASONS,
}

/** `permissionId` is the person as Drive's permissions name them: it does not change. */
export async function driveAccount(http: ProviderHttp): Promise<Account> {
  const fields = 'user(displayName,permissionId,emailAddress,photoLink)'
  const answer = await http.get(`${DRIVE_API}/about`, { query: { fields }, cost: READ_COST })
  const { permissionId, displayName, emailAddress, photoLink } = readAnswer(about, answer).user
  return {
    id: permissionId,
    name: displayName,
    ...(emailAddress !== undefined && { username: emailAddress }),
    ...(photoLink !== undefined && { avatarUrl: photoLink }),
  }
}

interface Ending {
  readonly fields: FieldValues
  readonly tokens: Tokens
}

/** A service account's access is its key: nothing was granted that Google could end, and its token ends within the hour. */
export async function revokeDrive(http: ProviderHttp, { fields, tokens }: Ending): Promise<void> {
  if (fields.secrets['serviceAccountKey'] === undefined) await revokeGoogle(http, { tokens })
}
