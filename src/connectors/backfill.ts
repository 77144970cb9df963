/** How far back a connector's first reading goes: days that were asked for, and the moment that they were counted from, which stays. */
import { z } from 'zod'
import type { JsonObject } from '../lib/canonical-json.js'
import type { Connector } from '../store/index.js'

export interface Backfill {
  readonly days: number
  /** Nothing older is asked for, in ms since 1970. */
  readonly sinceMs: number
}

const DAY_MS = 86_400_000
const config = z.object({ backfill: z.object({ days: z.number(), sinceMs: z.number() }) })

/** The window of a connector; none: everything is read. */
export function backfillOf(connector: Pick<Connector, 'config'>): Backfill | undefined {
  return config.safeParse(connector.config).data?.backfill
}

/** The row's config with another window; `undefined`, or the days that it has, leave it where it is. */
export function withBackfill(
  { config: { backfill, ...others } }: Pick<Connector, 'config'>,
  days: number | null | undefined,
  nowMs: number,
): JsonObject {
  const kept = backfill === undefined ? others : { ...others, backfill }
  if (days === undefined) return kept
  if (days === null) return others
  if (backfillOf({ config: kept })?.days === days) return kept
  return { ...others, backfill: { days, sinceMs: nowMs - days * DAY_MS } }
}
