/** P4: one row added to the audit log's chain, against the same row in a table without a chain; a transaction each, as the node writes them. */
import { findServerFault, openTestStore, type StoreKind } from '../test/support/database.js'
import { auditLog, type Store } from '../src/store/index.js'
import { jsonb } from '../src/store/sql-values.js'
import { median, rounded, type Figure } from './figure.js'

/** The first ones warm up. */
const WARM = 100
const ROWS = 1_000

/** The headline is PGlite's. PostgreSQL's stands beside it where a server answers. */
export async function measureP4(): Promise<Figure> {
  const embedded = await measureOn('pglite')
  const server = (await findServerFault()) === undefined ? await measureOn('postgres') : undefined
  return {
    ratio: rounded(embedded.chained / embedded.plain),
    ours: {
      pgliteMs: rounded(embedded.chained),
      ...(server && {
        postgresMs: rounded(server.chained),
        postgresRatio: rounded(server.chained / server.plain),
      }),
    },
    yardstick: { pgliteMs: rounded(embedded.plain), ...(server && { postgresMs: rounded(server.plain) }) },
  }
}

/** Milliseconds for one row. */
interface Cost {
  readonly chained: number
  readonly plain: number
}

async function measureOn(kind: StoreKind): Promise<Cost> {
  const store = await openTestStore(kind)
  try {
    // The same columns, indexes and policy; no trigger.
    await store.raw(`create table plain_log (like audit_log including all);
      alter table plain_log enable row level security;
      create policy tenant_rows on plain_log using (tenant = current_setting('app.tenant', true));
      grant all on plain_log to public`)
    const chained: number[] = []
    const plain: number[] = []
    for (let at = 1; at <= WARM + ROWS; at += 1) {
      const [first, second] = [
        await timed(() => append(store, at)),
        await timed(() => insertPlain(store, at)),
      ]
      if (at > WARM) chained.push(first)
      if (at > WARM) plain.push(second)
    }
    return { chained: median(chained), plain: median(plain) }
  } finally {
    await store.close()
  }
}

async function timed(write: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await write()
  return performance.now() - started
}

const entryAt = (at: number) => ({
  tenant: 'acme',
  actor: 'user:ann',
  action: 'connector.updated',
  subject: 'connector:0b9e1c2e-0000-4000-8000-000000000000',
  facts: { before: { displayName: 'Ours' }, after: { displayName: `Renamed ${at}` } },
})

const append = (store: Store, at: number): Promise<void> =>
  store.tenant('acme', (tx) => auditLog.append(tx, { ...entryAt(at), nowMs: at }))

const insertPlain = (store: Store, at: number): Promise<void> =>
  store.tenant('acme', async (tx) => {
    const { facts, ...columns } = entryAt(at)
    const row = { ...columns, facts: jsonb(facts), atMs: at, position: at, hash: 'f'.repeat(64) }
    await tx
      .insertInto('plainLog' as 'auditLog')
      .values({ ...row, address: null, requestId: null })
      .execute()
  })
