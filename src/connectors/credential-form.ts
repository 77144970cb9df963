/** What a tenant's application may send to connect an account by itself, by kind of sign-in; the form's JSON Schema and its reader are one. */
import { z } from 'zod'
import { fieldMembers, readFields, withoutEmpty } from '../credentials/field-form.js'
import type { JsonObject } from '../lib/canonical-json.js'
import { Redacted } from '../lib/redacted.js'
import { inWords } from '../lib/unknown-members.js'
import {
  NO_FIELDS,
  type Auth,
  type FieldValues,
  type SettingsOf,
  type SettingsShape,
  type Tokens,
} from '../provider/index.js'
import { faultsOf, invalidFields } from './invalid.js'

/** Printable and without spaces: anything else is no token, and has no place in a header. */
const token = (title: string) =>
  z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/, 'must be printable and without spaces')
    .meta({ title, writeOnly: true, format: 'password' })

const tokenMembers = {
  access_token: token('Access token'),
  refresh_token: token('Refresh token').optional(),
  expires_in: z
    .number()
    .positive()
    .max(1e9)
    .meta({ title: 'Seconds until the access token ends' })
    .optional(),
}
const tokenForm = z.object(tokenMembers)

/** JSON Schema from which a form can be drawn. */
export function credentialSchema(auth: Auth): JsonObject {
  const own = auth.kind === 'oauth2' ? tokenMembers : {}
  const form = z.strictObject({
    ...own,
    ...fieldMembers(auth.fields ?? {}, { told: auth.kind === 'oauth2' }),
  })
  return z.toJSONSchema(form, { target: 'draft-2020-12' }) as unknown as JsonObject
}

/** JSON Schema of what is entered before a sign-in at the service. */
export function signInSchema(auth: Auth): JsonObject {
  const form = z.strictObject(fieldMembers(auth.fields ?? {}, { told: false }))
  return z.toJSONSchema(form, { target: 'draft-2020-12' }) as unknown as JsonObject
}

export interface CredentialReading {
  readonly auth: Auth
  readonly settings: SettingsOf<SettingsShape>
  readonly nowMs: number
}

/** Tokens that an application brought, or what opens the account. */
export type Credentials =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | { readonly kind: 'fields'; readonly fields: FieldValues }

/** @throws NodeError REQUEST_INVALID with paths below `config` */
export function readCredentials(config: unknown, { auth, settings, nowMs }: CredentialReading): Credentials {
  if (auth.kind !== 'oauth2') return { kind: 'fields', fields: fieldsBelow('config', config, auth, settings) }
  const read = tokenForm.safeParse(config, { error: inWords })
  if (!read.success) throw invalidFields(faultsOf('config', read.error))
  const { access_token, refresh_token, expires_in } = read.data
  const rest = Object.entries(config as object).filter(([name]) => !Object.hasOwn(tokenMembers, name))
  const reading = { auth, settings, told: true }
  const fields = readAll('config', Object.fromEntries(rest), reading)
  return {
    kind: 'tokens',
    tokens: {
      kind: auth.kind,
      accessToken: new Redacted(access_token),
      ...(refresh_token !== undefined && { refreshToken: new Redacted(refresh_token) }),
      ...(expires_in !== undefined && { expiresAtMs: nowMs + Math.floor(expires_in * 1_000) }),
      ...(auth.fields !== undefined && { fields }),
    },
  }
}

/** What is entered before a sign-in, or instead of one. @throws NodeError REQUEST_INVALID with paths below `prefix` */
export function fieldsBelow(
  prefix: string,
  input: unknown,
  auth: Auth,
  settings: SettingsOf<SettingsShape>,
): FieldValues {
  return readAll(prefix, input, { auth, settings, told: false })
}

function readAll(prefix: string, input: unknown, reading: Parameters<typeof readFields>[1]): FieldValues {
  if (reading.auth.fields === undefined && Object.keys(withoutEmpty(input) ?? {}).length === 0)
    return NO_FIELDS
  const read = readFields(input, reading)
  if (read.kind === 'read') return read.fields
  throw invalidFields(
    read.faults.map(({ path, message }) => ({ path: path === '' ? prefix : `${prefix}.${path}`, message })),
  )
}
