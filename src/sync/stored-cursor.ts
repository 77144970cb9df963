/** A stream's cursor as it is sealed, and what it is sealed for. */
import { z } from 'zod'
import type { Json } from '../lib/canonical-json.js'

/** It does not open as another stream's. */
export const cursorContext = (stream: string, partition: string): readonly string[] => [
  'cursor',
  stream,
  partition,
]

/** `full` while a reading of everything is under way, `since` when that has a backfill window. */
export const storedCursor = z.strictObject({ at: z.json(), full: z.boolean(), since: z.number().optional() })

export interface StoredCursor {
  readonly at: Json
  readonly full: boolean
  readonly since?: number | undefined
}
