/** Reads members of a storage node's answer; what is not as documented is an error, never a guess. */
import { NodeError } from '../errors.js'
import type { Json, JsonObject } from '../lib/canonical-json.js'

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at a path of members, or undefined. */
export function valueAt(body: Json, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = body
  for (const key of path) value = isObject(value) ? value[key] : undefined
  return value
}

/** @throws NodeError STORAGE_UNREACHABLE */
export function textAt(body: Json, ...path: readonly string[]): string {
  const value = valueAt(body, ...path)
  if (typeof value !== 'string' || value === '') throw malformed(path)
  return value
}

/** @throws NodeError STORAGE_UNREACHABLE */
export function listAt(body: Json, ...path: readonly string[]): readonly Json[] {
  const value = valueAt(body, ...path)
  if (!Array.isArray(value)) throw malformed(path)
  return value as readonly Json[]
}

function malformed(path: readonly string[]): NodeError {
  return new NodeError('STORAGE_UNREACHABLE', { detail: `a storage node's answer has no ${path.join('.')}` })
}
