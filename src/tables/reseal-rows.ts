/** After a change of keys: cursors and quarantined items of tenants' connectors, sealed again under the ring's current key. */
import type { KeyRing } from '../credentials/key-ring.js'
import { sealedAgain } from '../credentials/reseal-pages.js'
import { sealingKeyId } from '../credentials/sealed-value.js'
import { quarantine, syncCursors, type Store } from '../store/index.js'
import { cursorContext, itemContext } from '../sync/index.js'
import { DATABASE_PREFIX } from './record-id.js'

export interface ResealRowsPorts {
  readonly store: Store
  readonly ring: KeyRing
  /** Whose a connection is, as its rows are bound to it; `undefined` when it is gone. */
  readonly placeOf: (
    connectionId: string,
  ) => Promise<readonly [tenant: string, connectorId: string] | undefined>
}

const PAGE = 200

/** Written only where a row still holds what was read: what a sync writes meanwhile is under the current key. */
export async function resealRows(
  ports: ResealRowsPorts,
  signal: AbortSignal,
): Promise<{ readonly resealed: number; readonly unreadable: number }> {
  const counts = { resealed: 0, unreadable: 0 }
  await eachCursor(ports, signal, counts)
  await eachItem(ports, signal, counts)
  return counts
}

interface Counts {
  resealed: number
  unreadable: number
}

async function eachCursor({ store, ring, placeOf }: ResealRowsPorts, signal: AbortSignal, counts: Counts) {
  let after: Parameters<typeof syncCursors.listAll>[1]['after']
  while (!signal.aborted) {
    const rows = await syncCursors.listAll(store.db, { prefix: DATABASE_PREFIX, after, limit: PAGE })
    for (const { database, stream, partition, cursorSealed } of rows) {
      if (cursorSealed === null || sealingKeyId(cursorSealed) === ring.current.id) continue
      const place = await placeOf(database.slice(DATABASE_PREFIX.length))
      if (place === undefined) continue
      const context = [...place, 'cursor', ...cursorContext(stream, partition)]
      const again = sealedAgain(ring, cursorSealed, context)
      if (again === undefined) counts.unreadable += 1
      else if (await syncCursors.reseal(store.db, { database, stream, partition }, cursorSealed, again))
        counts.resealed += 1
    }
    after = rows.at(-1)
    if (rows.length < PAGE) return
  }
}

async function eachItem({ store, ring, placeOf }: ResealRowsPorts, signal: AbortSignal, counts: Counts) {
  let afterId: string | undefined
  while (!signal.aborted) {
    const rows = await quarantine.listAll(store.db, { prefix: DATABASE_PREFIX, afterId, limit: PAGE })
    for (const { id, connectionId, stream, itemHash, sealed } of rows) {
      if (sealingKeyId(sealed) === ring.current.id) continue
      const place = await placeOf(connectionId)
      if (place === undefined) continue
      const again = sealedAgain(ring, sealed, [...place, 'quarantine', ...itemContext(stream, itemHash)])
      if (again === undefined) counts.unreadable += 1
      else if (await quarantine.reseal(store.db, id, sealed, again)) counts.resealed += 1
    }
    afterId = rows.at(-1)?.id
    if (rows.length < PAGE) return
  }
}
