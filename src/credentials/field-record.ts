/** Fields as they are written inside sealed values, with their secrets in clear: nothing else may hold one. */
import { z } from 'zod'
import { Redacted, reveal } from '../lib/redacted.js'
import type { FieldValues } from '../provider/index.js'

const record = z.record(z.string(), z.string())

/** `t`: texts, `s`: secrets. Short names, since capsules travel in URLs. */
export const fieldRecord = z.strictObject({ t: record, s: record })

export type FieldRecord = z.infer<typeof fieldRecord>

export function toFieldRecord({ texts, secrets }: FieldValues): FieldRecord {
  const plain = Object.entries(secrets).map(([name, secret]) => [name, reveal(secret)] as const)
  return { t: { ...texts }, s: Object.fromEntries(plain) }
}

export function fromFieldRecord({ t, s }: FieldRecord): FieldValues {
  const secrets = Object.entries(s).map(([name, secret]) => [name, new Redacted(secret)] as const)
  return { texts: t, secrets: Object.fromEntries(secrets) }
}

export const authKind = z.enum([
  'oauth2',
  'client_credentials',
  'api_key',
  'basic',
  'service_account',
  'custom',
])
