/** Reads back what a slice wrote; the only maker of `TablesProof`, without which no cursor is committed. */
import { NodeError } from '../errors.js'
import { merkleRoot } from '../lib/merkle.js'
import { records, type Store } from '../store/index.js'
import type { DatabaseProof, ProofFacts, TenantRunContext } from '../sync/destination.js'
import { databaseName } from './record-id.js'
import type { SliceRows } from './slice-rows.js'

let mint: (databases: readonly DatabaseProof[]) => TablesProof

/** That the database gives back every row of this slice as it was written; speaks of that moment. */
export class TablesProof implements ProofFacts {
  // A private member: an object of the same form is no proof.
  readonly #databases: readonly DatabaseProof[]

  private constructor(databases: readonly DatabaseProof[]) {
    this.#databases = databases
  }

  get databases(): readonly DatabaseProof[] {
    return this.#databases
  }

  static {
    mint = (databases) => new TablesProof(databases)
  }
}

/** @throws NodeError VERIFY_MISMATCH: a row is missing, or holds something else; the slice is not committed then */
export async function proveRows(store: Store, run: TenantRunContext, slice: SliceRows): Promise<TablesProof> {
  const { tenant, connectorId } = run
  const databases = await store.tenant(tenant, async (tx) => {
    const proofs: DatabaseProof[] = []
    for (const schema of run.schemas) {
      const expected = slice.of(schema)
      const found = await records.hashes(tx, { connectorId, schemaUri: schema }, [...expected.keys()])
      const wrong = [...expected].filter(([id, hash]) => found.get(id) !== hash)
      if (found.size !== expected.size || wrong.length > 0)
        throw new NodeError('VERIFY_MISMATCH', {
          detail: `${wrong.length} of ${expected.size} rows are not as written`,
        })
      proofs.push(describe(run, schema, expected))
    }
    return proofs
  })
  return mint(databases)
}

function describe(
  { connectionId }: TenantRunContext,
  schema: string,
  hashes: ReadonlyMap<string, string>,
): DatabaseProof {
  const leaves = [...hashes].map(([id, rev]) => ({ id, rev, deleted: rev === records.DELETED }))
  return {
    database: databaseName(connectionId),
    schema,
    sliceRoot: merkleRoot(leaves),
    sliceLeaves: leaves.length,
    nodes: [{ url: 'tables:', leaves: leaves.length, missing: 0, sampled: leaves.length }],
    notes: [],
  }
}
