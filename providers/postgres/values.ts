/** Values of PostgreSQL as JSON that loses nothing: what JSON numbers cannot hold stays a text. */
import { parseExactJson, type Json } from '../../src/provider/index.js'
import { readArray } from './arrays.js'
import type { Column } from './source.js'

/** Characters of a text, and bytes of a binary value. Longer ones are left out, and said to be. */
export const MAX_LONG = 1_000_000
export const OMITTED: Json = { omitted: `longer than ${MAX_LONG}` }
const JSON_DEPTH = 200

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
export const BYTEA = 17
const BOOLEAN = 16
const SMALL_NUMBERS = [21, 23, 26]
const FLOATS = [700, 701]
const JSONS = [114, 3802]
export const TIMESTAMP = 1114
export const TIMESTAMPTZ = 1184

/** @throws SyntaxError: an array that no PostgreSQL server writes */
export function jsonOf(text: string | null, { type, element }: Column): Json {
  if (text === null) return null
  if (text.length > MAX_LONG && (type !== BYTEA || text.length > 2 * MAX_LONG + '\\x'.length)) return OMITTED
  if (element === undefined) return scalarOf(text, type)
  return readArray(text, (one) => scalarOf(one, element))
}

function scalarOf(text: string, type: number): Json {
  if (type === BOOLEAN) return text === 't'
  if (SMALL_NUMBERS.includes(type)) return Number(text)
  // NaN and the infinities are no JSON.
  if (FLOATS.includes(type)) return Number.isFinite(Number(text)) ? Number(text) : text
  if (JSONS.includes(type)) return documentOf(text)
  if (type === BYTEA) return Buffer.from(text.slice('\\x'.length), 'hex').toString('base64')
  if (type === TIMESTAMP || type === TIMESTAMPTZ) return timeOf(text)
  return text
}

/** What is nested too deeply for others to read stays a text. */
function documentOf(text: string): Json {
  try {
    return parseExactJson(text, JSON_DEPTH) as Json
  } catch {
    return text
  }
}

/** RFC 3339, without a zone where the column has none. Infinity, and years before 1 and after 9999, stay as the server writes them. */
const timeOf = (text: string): string =>
  text.replace(
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:(\+00)|)$/,
    (_whole, day: string, time: string, zone?: string) => `${day}T${time}${zone === undefined ? '' : 'Z'}`,
  )
