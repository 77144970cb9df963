/** Values as the SQL of both engines takes them. */
import { sql, type RawBuilder } from 'kysely'
import { wellFormedText } from '../lib/canonical-json.js'

/** A JSON value as `jsonb`. Engines disagree on arrays and strings unless it is sent as text. */
export function jsonb<T>(value: T): RawBuilder<T> {
  return sql<T>`${JSON.stringify(value)}::jsonb`
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
