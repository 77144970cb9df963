/** Suites over a store, on every engine: PGlite always, PostgreSQL when it answers, else skipped with the reason in the name. */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Store } from '../../src/store/index.js'
import { findServerFault, openTestStore, type StoreKind } from './database.js'

/** `store` gives the suite's own store from its first hook on; its tests share it and use rows of their own. */
export type StoreSuite = (store: () => Store, kind: StoreKind) => void

/** At the top of a file: `await onEveryStore('grants', (store) => { ... })`. */
export async function onEveryStore(title: string, suite: StoreSuite): Promise<void> {
  const fault = await findServerFault()
  describe(`${title} on pglite`, () => withStore('pglite', suite))
  if (fault === undefined) describe(`${title} on postgres`, () => withStore('postgres', suite))
  else describe.skip(`${title} on postgres (${fault})`, () => withStore('postgres', suite))
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
