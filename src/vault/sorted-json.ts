/**
 * The text that Verida's clients sign: JSON with sorted members, byte for byte as their `json.sortify` writes it.
 * Not RFC 8785: names that look like whole numbers come first, in numeric order.
 */
import type { Json, JsonObject } from '../lib/canonical-json.js'

const WHOLE_NUMBER = /^(0|[1-9][0-9]*)$/
/** Names that are neither numbers nor the one that is lost: what almost every object has. */
const STARTS_AS_WORD = /^[A-Za-z]/

export function sortedJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(sortedJson).join(',')}]`
  if (typeof value === 'object' && value !== null) return sortedObject(value as JsonObject)
  return JSON.stringify(value)
}

function sortedObject(object: JsonObject): string {
  let text = '{'
  for (const name of sortedNames(Object.keys(object))) {
    const member = object[name]
    if (member === undefined) continue
    if (text.length > 1) text += ','
    text += `${JSON.stringify(name)}:${sortedJson(member)}`
  }
  return `${text}}`
}

function sortedNames(names: string[]): Iterable<string> {
  if (names.every((name) => STARTS_AS_WORD.test(name))) return names.sort()
  // Verida's clients copy members by plain assignment, which loses this one.
  const rest = names.filter((name) => name !== '__proto__')
  if (!rest.some((name) => WHOLE_NUMBER.test(name))) return rest.sort()
  // They also turn the number into text again: one above 2^53 then names another member, or none, which is left out.
  const numbers = rest.filter((name) => WHOLE_NUMBER.test(name)).map(Number)
  const numeric = numbers.sort((a, b) => a - b).map(String)
  return new Set([...numeric, ...rest.filter((name) => !WHOLE_NUMBER.test(name)).sort()])
}
