/** Leases on connections: one run at a time, each with a higher number, and a run that lost its lease can commit nothing (protocol.md 3.1). */
import { sql } from 'kysely'
import { NodeError } from '../../errors.js'
import type { Handle, Tx } from '../handle.js'

/** A lease never lives longer unless renewed. */
export const MAX_LEASE_MS = 15_000

const MINUTE_MS = 60_000

/**
 * Takes the lease when it is free or has run out. The number grows past every number this connection ever had, even
 * after a restored backup: it is at least the minutes since 1970.
 * @param holder names one process and run; only shown
 */
export async function acquire(
  handle: Handle,
  connectionId: string,
  holder: string,
  nowMs: number,
  ttlMs: number = MAX_LEASE_MS,
): Promise<{ readonly leaseNumber: number } | 'busy'> {
  const minutes = Math.floor(nowMs / MINUTE_MS)
  const row = await handle
    .updateTable('connections')
    .set({
      leaseNumber: sql<number>`greatest(lease_number + 1, ${minutes}::bigint)`,
      leaseHolder: holder,
      leaseUntilMs: nowMs + checkedTtl(ttlMs),
    })
    .where('id', '=', connectionId)
    .where((lease) => lease.or([lease('leaseHolder', 'is', null), lease('leaseUntilMs', '<=', nowMs)]))
    .returning('leaseNumber')
    .executeTakeFirst()
  return row ?? 'busy'
}

/** @throws NodeError WRITE_CONFLICT when another run has the lease, or it was given back */
export async function renew(
  handle: Handle,
  connectionId: string,
  leaseNumber: number,
  nowMs: number,
  ttlMs: number = MAX_LEASE_MS,
): Promise<void> {
  const { numUpdatedRows } = await handle
    .updateTable('connections')
    .set({ leaseUntilMs: nowMs + checkedTtl(ttlMs) })
    .where('id', '=', connectionId)
    .where('leaseNumber', '=', leaseNumber)
    .where('leaseHolder', 'is not', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw fenced(leaseNumber)
}

/** Gives the lease back; nothing happens when it is another's by now. */
export async function release(handle: Handle, connectionId: string, leaseNumber: number): Promise<void> {
  await handle
    .updateTable('connections')
    .set({ leaseHolder: null, leaseUntilMs: null })
    .where('id', '=', connectionId)
    .where('leaseNumber', '=', leaseNumber)
    .execute()
}

/**
 * First statement of every transaction that writes for a run. It locks the lease until the transaction ends, so that
 * nobody can take it between this check and the commit.
 * @throws NodeError WRITE_CONFLICT when this run was fenced
 */
export async function assertHeld(tx: Tx, connectionId: string, leaseNumber: number): Promise<void> {
  const row = await tx
    .selectFrom('connections')
    .select(['leaseNumber', 'leaseHolder'])
    .where('id', '=', connectionId)
    .forUpdate()
    .executeTakeFirst()
  if (row?.leaseNumber !== leaseNumber || row.leaseHolder === null) throw fenced(leaseNumber)
}

/**
 * Frees every lease of other holders. Only for a process that is alone on its database (embedded, at start): those
 * holders are dead, and nobody has to wait for their leases to run out. Gives how many.
 */
export async function freeAllBut(handle: Handle, holder: string): Promise<number> {
  const { numUpdatedRows } = await handle
    .updateTable('connections')
    .set({ leaseHolder: null, leaseUntilMs: null })
    .where('leaseHolder', '!=', holder)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

function checkedTtl(ttlMs: number): number {
  if (ttlMs > 0 && ttlMs <= MAX_LEASE_MS) return ttlMs
  throw new NodeError('INTERNAL', { detail: `a lease of ${ttlMs} ms: the most is ${MAX_LEASE_MS}` })
}

const fenced = (leaseNumber: number): NodeError =>
  new NodeError('WRITE_CONFLICT', { detail: `lease ${leaseNumber} is not held any more` })
