/** Places in a list as text for callers: sealed, so that nobody reads or makes one, and good for one list only. */
import type { Request } from 'express'
import type { z } from 'zod'
import type { KeyRing } from '../../credentials/key-ring.js'
import { openValue, sealValue } from '../../credentials/sealed-value.js'
import { NodeError } from '../../errors.js'
import { canonicalJson, type Json } from '../../lib/canonical-json.js'
import { optionalText } from './read-input.js'

export interface PageCursors {
  /** `list`: what the place belongs to, with its tenant and its filters. */
  write(list: readonly string[], place: Json): string
  /** The place of `?cursor=`; `undefined` for the first page. @throws NodeError REQUEST_INVALID */
  read<T>(list: readonly string[], query: Request['query'], schema: z.ZodType<T>): T | undefined
}

/** A place may be a provider's own cursor. */
const MAX_LENGTH = 8192

export function pageCursors(ring: KeyRing): PageCursors {
  const bound = (list: readonly string[]): readonly string[] => ['page', ...list]
  return {
    write: (list, place) => sealValue(ring, canonicalJson(place), bound(list)),
    read(list, query, schema) {
      const text = optionalText(query, 'cursor', MAX_LENGTH)
      if (text === undefined) return undefined
      const place = schema.safeParse(openPlace(ring, text, bound(list)))
      if (!place.success) throw invalid('cursor', 'does not belong to this list')
      return place.data
    },
  }
}

/** The answer of a list that was asked for one row more than `limit`: that one only tells that there are more. */
export function pageOf<R>(
  rows: readonly R[],
  limit: number,
  show: (row: R) => object,
  cursorAfter: (last: R) => string,
): { readonly data: readonly object[]; readonly next_cursor: string | null } {
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return { data: page.map(show), next_cursor: last === undefined ? null : cursorAfter(last) }
}

function openPlace(ring: KeyRing, text: string, context: readonly string[]): unknown {
  try {
    return JSON.parse(openValue(ring, text, context))
  } catch (cause) {
    throw invalid('cursor', 'does not belong to this list', cause)
  }
}

/** `?limit=`. @throws NodeError REQUEST_INVALID */
export function pageLimit(query: Request['query'], fallback = 50, max = 200): number {
  const text = optionalText(query, 'limit', 10)
  if (text === undefined) return fallback
  const limit = /^\d+$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > max) throw invalid('limit', `must be a whole number from 1 to ${max}`)
  return limit
}

function invalid(path: string, message: string, cause?: unknown): NodeError {
  return new NodeError('REQUEST_INVALID', { fields: [{ path, message }], cause })
}
