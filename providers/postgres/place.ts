/** Places in a table: the values of the columns that its rows are sorted by, as texts. */
import { NodeError, z } from '../../src/provider/index.js'
import { refused } from './failures.js'
import { column } from './page.js'
import type { Session, Texts } from './session.js'
import type { Source } from './source.js'

export const place = z.array(z.string())
const MAX_KEY = 10_000

/** Names and types of the columns that a place is told by. */
export const orderOf = ({ columns }: Source, by: readonly string[]): string[] =>
  by.map((name) => `${name} ${columns.find((one) => one.name === name)?.type ?? 0}`)

/** @throws NodeError CURSOR_EXPIRED: a place of other columns */
export function checkOrder(kept: readonly string[] | undefined, order: readonly string[]): void {
  if (kept !== undefined && kept.join() !== order.join())
    throw new NodeError('CURSOR_EXPIRED', { detail: 'the table is sorted by other columns now' })
}

/** @throws NodeError PROVIDER_CHANGED: a row after which nothing can be asked for */
export const placeOf = (texts: Texts): string[] =>
  texts.map((text) => {
    if (text !== null && text.length <= MAX_KEY) return text
    throw new NodeError('PROVIDER_CHANGED', { detail: 'a row without a key, or with a very long one' })
  })

/** Rows without a key would be left out without a word. @throws NodeError REQUEST_INVALID */
export async function checkKeys(session: Session, source: Source): Promise<void> {
  if (!source.isKeyLoose) return
  const without = source.keys.map((name) => `${column(name)} is null`).join(' or ')
  const { rows } = await session.ask(`select 1 from ${source.relation} where ${without} limit 1`)
  if (rows.length > 0)
    throw refused('key', 'is empty in some rows: leave them out in the query, or name another')
}
