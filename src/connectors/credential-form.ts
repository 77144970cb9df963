/** What a tenant's application may send to connect an account by itself, by kind of sign-in; the form's JSON Schema and its reader are one. */
import { z } from 'zod'
import type { JsonObject } from '../lib/canonical-json.js'
import { Redacted } from '../lib/redacted.js'
import type { Auth, Tokens } from '../provider/index.js'
import { faultsOf, invalidFields } from './invalid.js'

/** Printable and without spaces: anything else is no token, and has no place in a header. */
const token = (title: string) =>
  z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/, 'must be printable and without spaces')
    .meta({ title, writeOnly: true, format: 'password' })

const oauth2Form = z.strictObject({
  access_token: token('Access token'),
  refresh_token: token('Refresh token').optional(),
  expires_in: z
    .number()
    .positive()
    .max(1e9)
    .meta({ title: 'Seconds until the access token ends' })
    .optional(),
})

const forms = { oauth2: oauth2Form } as const satisfies Record<Auth['kind'], z.ZodType>

/** JSON Schema from which a form can be drawn. */
export function credentialSchema({ kind }: Auth): JsonObject {
  return z.toJSONSchema(forms[kind], { target: 'draft-2020-12' }) as unknown as JsonObject
}

/** @throws NodeError REQUEST_INVALID with paths below `config` */
export function readCredentials({ kind }: Auth, config: unknown, nowMs: number): Tokens {
  const read = forms[kind].safeParse(config)
  if (!read.success) throw invalidFields(faultsOf('config', read.error))
  const { access_token, refresh_token, expires_in } = read.data
  return {
    accessToken: new Redacted(access_token),
    ...(refresh_token !== undefined && { refreshToken: new Redacted(refresh_token) }),
    ...(expires_in !== undefined && { expiresAtMs: nowMs + Math.floor(expires_in * 1_000) }),
  }
}
