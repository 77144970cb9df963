/** Suites over a store, on every engine: PGlite always, PostgreSQL when it answers, else skipped with the reason in the name. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Store, Tx } from '../../src/store/index.js'
import { findServerFault, openTestStore, type StoreKind } from './database.js'

/** `store` gives the suite's own store from its first hook on; its tests share it and use rows of their own. */
export type StoreSuite = (store: () => Store, kind: StoreKind) => void

/** At the top of a file: `await onEveryStore('grants', (store) => { ... })`. */
export async function onEveryStore(title: string, suite: StoreSuite): Promise<void> {
  await onEveryEngine(title, (kind) => withStore(kind, suite))
}

/** The same for suites that open their own. */
export async function onEveryEngine(title: string, suite: (kind: StoreKind) => void): Promise<void> {
  const fault = await findServerFault()
  describe(`${title} on pglite`, () => suite('pglite'))
  if (fault === undefined) describe(`${title} on postgres`, () => suite('postgres'))
  else describe.skip(`${title} on postgres (${fault})`, () => suite('postgres'))
}

/** Whether some session of the server waits for a lock of this transaction; pg_stat_activity would show what was there at its first reading. */
export async function isWaitedFor(tx: Tx): Promise<boolean> {
  const { rows } = await sql`
    select pid from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`.execute(tx)
  return rows.length > 0
}

function withStore(kind: StoreKind, suite: StoreSuite): void {
  let opened: Store | undefined
  beforeAll(async () => {
    opened = await openTestStore(kind)
  })
  afterAll(() => opened?.close())
  suite(() => {
    if (opened === undefined) throw new Error('the store is open only inside hooks and tests')
    return opened
  }, kind)
}
