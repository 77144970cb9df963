/** Values as the SQL of both engines takes them. */
import { sql, type RawBuilder } from 'kysely'
import { wellFormedText, type Json } from '../lib/canonical-json.js'

/** A JSON value as `jsonb`. Engines disagree on arrays and strings unless it is sent as text. */
export function jsonb<T>(value: T): RawBuilder<T> {
  return sql<T>`${JSON.stringify(value)}::jsonb`
}

const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/**
 * The same JSON as `jsonb` can hold it: NUL and lone surrogates, in names too, become U+FFFD. Who keeps a hash of a
 * value takes it of this form: it is what is read back.
 */
export function storableJson<T extends Json>(value: T): T {
  const text = JSON.stringify(value)
  // JSON.stringify writes both as escapes, with \ud only for lone surrogates.
  if (!text.includes('\\u0000') && !text.includes('\\ud')) return value
  return JSON.parse(text, (_name, member: unknown) => storableMember(member)) as T
}

function storableMember(member: unknown): unknown {
  if (typeof member === 'string') return member.replace(UNSTORABLE, '\uFFFD')
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
  return Object.fromEntries(
    Object.entries(member).map(([name, inner]) => [name.replace(UNSTORABLE, '\uFFFD'), inner as unknown]),
  )
}

/** A list of texts as `text[]`. */
export function textArray(values: readonly string[]): RawBuilder<string[]> {
  return sql<string[]>`${[...values]}::text[]`
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** An id from outside that is no UUID names no row; asking the database would be an error. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** Text from outside as a column can hold it: PostgreSQL refuses NUL, and lone surrogates have no UTF-8 form. */
export function storableText(text: string, maxLength: number): string {
  return wellFormedText(text.slice(0, maxLength)).replaceAll('\0', '\uFFFD')
}

/** Splits a list for statements of a bounded size. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = []
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size))
  return parts
}
