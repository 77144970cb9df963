/** Canonical JSON (RFC 8785) with lone surrogates replaced first: the input of every HMAC, HKDF and digest. */

/** A JSON value: what `JSON.parse` can return. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }
export type JsonObject = { readonly [key: string]: Json | undefined }

// Lone surrogates have no UTF-8 form: two different ones would hash alike or not at all, depending on the encoder.
const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** The text with every lone surrogate replaced by U+FFFD. */
export function wellFormedText(text: string): string {
  return text.search(LONE) === -1 ? text : text.replace(LONE, '\uFFFD')
}

/**
 * Serializes by RFC 8785: members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them.
 * Members that are `undefined` are left out.
 * @throws TypeError for what JSON cannot carry: NaN, infinities, bigint, functions, a bare undefined.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('not a JSON number')
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) return canonicalObject(value as JsonObject)
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError('not a JSON value')
  return text
}

function canonicalObject(object: JsonObject): string {
  let text = '{'
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member === undefined) continue
    if (text.length > 1) text += ','
    text += `${quotedName(key)}:${canonicalJson(member)}`
  }
  return `${text}}`
}

const PLAIN_NAME = /^[A-Za-z0-9_]*$/

/** The name of a member as it stands in JSON; most names need no escaping, and every record is written here. */
const quotedName = (name: string): string => (PLAIN_NAME.test(name) ? `"${name}"` : quoted(name))

function quoted(text: string): string {
  const json = JSON.stringify(text)
  return hasLoneSurrogates(json) ? JSON.stringify(wellFormedText(text)) : json
}

/** The same value with every lone surrogate, in keys too, replaced by U+FFFD. `json`: its JSON, where that is known. */
export function wellFormed<T extends Json>(value: T, json = JSON.stringify(value)): T {
  return hasLoneSurrogates(json) ? (JSON.parse(canonicalJson(value)) as T) : value
}

/** JSON.stringify escapes lone surrogates, and only them, as lower-case \ud8xx to \udfxx; a text that quotes such an escape is looked at for nothing. */
const hasLoneSurrogates = (json: string): boolean => json.includes('\\ud')
