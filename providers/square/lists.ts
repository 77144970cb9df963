/** What all calls to Square have in common: the version, changes since a time, and pages by cursor. */
import {
  changedSince,
  minorToDecimal,
  currencyDigits,
  readAnswer,
  z,
  type ProviderHttp,
  type SettingsOf,
} from '../../src/provider/index.js'
import { changed, location, locationsAnswer, type Money } from './api.js'
import { settings } from './settings.js'

/** https://developer.squareup.com/docs/build-basics/versioning-overview */
export const HEADERS = { 'square-version': '2026-09-16' } as const

/** The page's items, what is gone, and the cursor of the next page. */
export interface Listed {
  readonly items: readonly unknown[]
  readonly deletedIds?: readonly string[]
  readonly next?: string | undefined
}

interface Asked {
  readonly settings: SettingsOf<typeof settings>
  readonly partition: string
  /** RFC 3339, inclusive. */
  readonly since: string | undefined
  readonly cursor: string | undefined
}

/** A stream of what changed since a time, oldest first; Square shows changes late by up to a minute. */
export function byChange(read: (http: ProviderHttp, asked: Asked) => Promise<Listed>) {
  return changedSince({
    settings,
    token: z.string().min(1),
    position(item) {
      const at = changed.safeParse(item).data
      return at && { ms: Date.parse(at.updated_at), id: at.id }
    },
    async list(http, { sinceMs, token }, context) {
      const since = sinceMs === undefined ? undefined : new Date(sinceMs).toISOString()
      const asked = { settings: context.settings, partition: context.partition, since, cursor: token }
      const { next, ...page } = await read(http, asked)
      return next === undefined ? page : { ...page, next }
    },
  })
}

/** https://developer.squareup.com/reference/square/locations-api/list-locations: all at once. */
export async function readLocations(
  http: ProviderHttp,
  { apiOrigin }: SettingsOf<typeof settings>,
): Promise<readonly unknown[]> {
  const answer = await http.get(`${apiOrigin}/v2/locations`, { headers: HEADERS })
  return readAnswer(locationsAnswer, answer).locations
}

/** The ids of all locations, also of those that are closed: their orders stay. */
export async function locationIds(
  http: ProviderHttp,
  context: { readonly settings: SettingsOf<typeof settings> },
): Promise<readonly string[]> {
  const rows = await readLocations(http, context.settings)
  return rows.flatMap((row) => location.safeParse(row).data?.id ?? [])
}

export function moneyOf(money: Money | null | undefined): string | undefined {
  return money ? minorToDecimal(money.amount, currencyDigits(money.currency)) : undefined
}
