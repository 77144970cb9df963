/** What a person or an application is asked for, by the fields of a way to connect: the form's JSON Schema and its reader are one. */
import { z } from 'zod'
import { Redacted } from '../lib/redacted.js'
import { inSnakeCase } from '../lib/snake-case.js'
import { unknownMembers } from '../lib/unknown-members.js'
import {
  isToldValue,
  privateOrigins,
  readHost,
  readOrigin,
  type Auth,
  type Field,
  type FieldsShape,
  type FieldValues,
  type SettingsOf,
  type SettingsShape,
} from '../provider/index.js'
import { readServiceKey } from './service-account.js'

export interface FieldFault {
  /** The field's name. */
  readonly path: string
  readonly message: string
}

export type ReadFields =
  | { readonly kind: 'read'; readonly fields: FieldValues }
  | { readonly kind: 'faulty'; readonly faults: readonly FieldFault[] }

const MAX_TEXT = 2_000
const MAX_LINES = 16_384
const NEEDED = 'is needed'
const CONTROL = /[\p{Cc}]/u
const LINES = /^[^\p{Cc}]*(?:[\t\r\n][^\p{Cc}]*)*$/u

/** One member for each field; told ones only where an application may tell what it knows itself. */
export function fieldMembers(
  shape: FieldsShape,
  { told }: { readonly told: boolean },
): Record<string, z.ZodType<string | undefined>> {
  const asked = Object.entries(shape).filter(([, field]) => told || field.kind !== 'told')
  return Object.fromEntries(asked.map(([name, field]) => [name, memberOf(name, field)]))
}

function memberOf(name: string, field: Field): z.ZodType<string | undefined> {
  if (field.kind === 'told')
    return z.string(NEEDED).max(MAX_TEXT).meta({ title: name, description: 'As the service names it' })
  const about = {
    title: field.label,
    description: field.help,
    ...(field.example !== undefined && { examples: [field.example] }),
    ...('fallback' in field && { default: field.fallback }),
  }
  const isOptional = field.optional === true || 'fallback' in field
  const member = valueOf(field).meta({ ...about, ...facetsOf(field) })
  return isOptional ? member.optional() : member
}

function valueOf(field: Exclude<Field, { kind: 'told' }>): z.ZodType<string> {
  if (field.kind === 'choice') return z.enum(Object.keys(field.choices), 'must be one of the choices')
  if (field.kind === 'secret') {
    const form = field.multiline === true ? LINES : /^[\x21-\x7e]+$/
    return z.string(NEEDED).max(MAX_LINES, 'is too long').regex(form, 'must be printable and without spaces')
  }
  if (field.kind === 'text' && field.multiline === true)
    return z.string(NEEDED).max(MAX_LINES, 'is too long').regex(LINES, 'holds control characters')
  const line = z.string(NEEDED).max(MAX_TEXT, 'is too long')
  if (field.kind === 'text' && field.pattern !== undefined)
    return line.regex(new RegExp(`^(?:${field.pattern})$`, 'u'), 'is not of the form that is asked for')
  return line.refine((text) => !CONTROL.test(text), 'holds control characters')
}

function facetsOf(field: Exclude<Field, { kind: 'told' }>): object {
  if (field.kind === 'secret') return { writeOnly: true, format: 'password' }
  if (field.kind === 'origin' && field.port === undefined) return { format: 'uri' }
  if (field.kind !== 'choice') return {}
  return { oneOf: Object.entries(field.choices).map(([value, title]) => ({ const: value, title })) }
}

export interface FieldReading {
  readonly auth: Auth
  readonly settings: SettingsOf<SettingsShape>
  readonly told: boolean
}

/**
 * Members that are not given, and empty ones, count as not said; names that are no fields are refused. A field `apiKey`
 * is taken as `api_key` too, as the rest of /v1 spells its names.
 */
export function readFields(input: unknown, { auth, settings, told }: FieldReading): ReadFields {
  const shape = auth.fields ?? {}
  const read = z.strictObject(fieldMembers(shape, { told })).safeParse(inOwnSpelling(shape, input))
  if (!read.success) return { kind: 'faulty', faults: faultsIn(read.error, Object.keys(shape)) }
  const texts: Record<string, string> = {}
  const secrets: Record<string, Redacted> = {}
  const faults: FieldFault[] = []
  const allowed = privateOrigins(settings)
  for (const [name, field] of Object.entries(shape)) {
    const given = read.data[name] ?? ('fallback' in field ? field.fallback : undefined)
    if (given === undefined) continue
    if (field.kind === 'secret') secrets[name] = new Redacted(given)
    else {
      const value = wholeValue(field, given, allowed)
      if (value === undefined) faults.push({ path: name, message: refusalOf(field) })
      else texts[name] = value
    }
  }
  const fields = { texts, secrets }
  faults.push(...kindFaults(auth, fields))
  return faults.length > 0 ? { kind: 'faulty', faults } : { kind: 'read', fields }
}

function inOwnSpelling(shape: FieldsShape, input: unknown): unknown {
  const given = withoutEmpty(input)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const own = new Map(Object.keys(shape).map((name) => [inSnakeCase(name), name]))
  const named = Object.entries(given).map(([name, value]): [string, unknown] => {
    const ours = own.get(name)
    return [ours === undefined || Object.hasOwn(given, ours) ? name : ours, value]
  })
  return Object.fromEntries(named)
}

export function withoutEmpty(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''))
}

const faultsIn = ({ issues }: z.ZodError, names: readonly string[]): readonly FieldFault[] =>
  issues.map(({ path, code, message }) => ({
    path: path.join('.'),
    message: code === 'unrecognized_keys' ? unknownMembers(names) : message,
  }))

/** A host as the whole host, an origin as the whole origin. */
function wholeValue(
  field: Exclude<Field, { kind: 'secret' }>,
  text: string,
  allowed: readonly string[],
): string | undefined {
  if (field.kind === 'host') return readHost(field, text)
  if (field.kind === 'origin') return readOrigin(field, text, allowed)
  if (field.kind === 'told') return isToldValue(field, text) ? text : undefined
  return text
}

function refusalOf({ kind }: Field): string {
  if (kind === 'host') return 'must be one name of letters, digits and hyphens, or the whole host'
  if (kind === 'origin') return 'must be the https address of a public server, without a path'
  return 'is no value of this service'
}

function kindFaults(auth: Auth, { texts, secrets }: FieldValues): readonly FieldFault[] {
  if (auth.kind === 'basic' && texts[auth.username]?.includes(':') === true)
    // RFC 7617 2: everything after the first colon would be the password.
    return [{ path: auth.username, message: 'cannot hold a colon' }]
  const key = auth.kind === 'service_account' ? secrets[auth.key] : undefined
  if (auth.kind === 'service_account' && key !== undefined && readServiceKey(key) === undefined)
    return [{ path: auth.key, message: 'is no JSON key of a service account' }]
  return []
}

/** The field that is to blame when what was entered is refused. */
export function secretFieldOf(auth: Auth): string | undefined {
  if (auth.kind === 'api_key' || auth.kind === 'service_account') return auth.key
  if (auth.kind === 'basic') return auth.password
  return Object.entries(auth.fields ?? {}).find(([, { kind }]) => kind === 'secret')?.[0]
}
