/** The audit log's chains as they are read to be checked: hashes are computed anew by the database, from the rows as they stand. */
import { sql } from 'kysely'
import type { ScopedTx } from '../handle.js'

export interface AuditHead {
  readonly position: number
  readonly hash: string
}

/** What is wrong at a position. `changed`: the row is not as it was written there (changed, or moved); `removed`: it is missing. */
export interface AuditFault {
  readonly kind: 'changed' | 'removed' | 'headless'
  readonly position: number
  /** Of the row that stands there. */
  readonly id?: number
}

export interface ChainPart {
  readonly id: number
  readonly position: number
  readonly hash: string
  /** What its hash must be after the row that stands before it. */
  readonly expected: string
}

/** `undefined`: nothing was ever written. */
export async function head(tx: ScopedTx, tenant: string): Promise<AuditHead | undefined> {
  return tx
    .selectFrom('auditHeads')
    .select(['position', 'hash'])
    .where('tenant', '=', tenant)
    .executeTakeFirst()
}

/** The next rows of a chain, in order. */
export async function part(
  tx: ScopedTx,
  tenant: string,
  after: AuditHead,
  limit: number,
): Promise<readonly ChainPart[]> {
  const { rows } = await sql<ChainPart>`
    select id::float8 as id, position::float8 as position, hash,
      audit_hash(lag(hash, 1, ${after.hash}::text) over (order by position), entry) as expected
    from audit_log as entry where tenant = ${tenant} and position > ${after.position}
    order by position limit ${limit}`.execute(tx)
  return rows
}

/** Every tenant that has rows. Takes `store.node`. */
export async function tenants(tx: ScopedTx): Promise<readonly string[]> {
  const { rows } = await sql<{ tenant: string }>`
    select tenant from audit_heads union select tenant from audit_log order by 1`.execute(tx)
  return rows.map(({ tenant }) => tenant)
}
