/** A place in a feed whose first reading is narrowed to a backfill window: all pages of a reading must ask for the same. */
import { z } from '../../src/provider/index.js'

/** `at`: Google's token; `since`: the beginning of the window, RFC 3339. */
export const place = z.object({ at: z.string(), since: z.string().optional() })
export type Place = z.output<typeof place>

/** The window of a reading that begins, or goes on, here. */
export function windowOf(page: Place | undefined, sinceMs: number | undefined): string | undefined {
  if (page !== undefined) return page.since
  return sinceMs === undefined ? undefined : new Date(sinceMs).toISOString()
}

/** Where to go on; undefined at the end. */
export function placeAt(token: string | undefined, since?: string): Place | undefined {
  return token === undefined ? undefined : { at: token, ...(since !== undefined && { since }) }
}
