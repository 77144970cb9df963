/** After a change of keys: rows sealed again page by page, while the node serves. */
import { NodeError } from '../errors.js'
import type { KeyRing } from './key-ring.js'
import { openValue, sealingKeyId, sealValue } from './sealed-value.js'

export interface Resealed {
  readonly resealed: number
  /** Under the current key already, or written by somebody else meanwhile, who sealed under it. */
  readonly current: number
  /** Open with no key of the ring: while there are any, no key should be taken off it. */
  readonly unreadable: number
}

export interface SealedRows<Row> {
  /** Of all tenants, in an order that does not change. */
  list(page: { readonly after: Row | undefined; readonly limit: number }): Promise<readonly Row[]>
  sealed(row: Row): string
  /** What the seal is bound to. */
  place(row: Row): readonly string[]
  /** `false`: it holds another seal by now. */
  store(row: Row, sealed: string): Promise<boolean>
}

const PAGE = 100

/** @throws NodeError STORE_UNAVAILABLE */
export async function resealPages<Row>(
  ring: KeyRing,
  rows: SealedRows<Row>,
  signal?: AbortSignal,
): Promise<Resealed> {
  const counts = { resealed: 0, current: 0, unreadable: 0 }
  for (let after: Row | undefined; ;) {
    const page = await rows.list({ after, limit: PAGE })
    for (const row of page) counts[await resealRow(ring, rows, row)] += 1
    after = page.at(-1)
    if (page.length < PAGE || signal?.aborted) return counts
  }
}

async function resealRow<Row>(ring: KeyRing, rows: SealedRows<Row>, row: Row): Promise<keyof Resealed> {
  const sealed = rows.sealed(row)
  if (sealingKeyId(sealed) === ring.current.id) return 'current'
  const again = sealedAgain(ring, sealed, rows.place(row))
  if (again === undefined) return 'unreadable'
  return (await rows.store(row, again)) ? 'resealed' : 'current'
}

/** One damaged row must not keep all others under an old key: `undefined` when no key opens it. */
export function sealedAgain(ring: KeyRing, sealed: string, place: readonly string[]): string | undefined {
  try {
    return sealValue(ring, openValue(ring, sealed, place), place)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'SEAL_FAILED') return undefined
    throw error
  }
}
