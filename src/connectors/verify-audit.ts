/** Goes through a tenant's audit log from its first row and names every one that is not as it was written. */
import { auditChain, type AuditFault, type AuditHead, type ChainPart, type Store } from '../store/index.js'

export interface AuditVerdict {
  readonly valid: boolean
  /** Rows that were looked at. */
  readonly rows: number
  /** Where the chain ends: kept elsewhere, it also proves that the whole log was not written anew. */
  readonly head: AuditHead | null
  readonly faults: readonly AuditFault[]
}

const PAGE = 2_000
/** More of them say nothing new. */
const MOST_FAULTS = 100
const START: AuditHead = { position: 0, hash: '0'.repeat(64) }

export async function verifyAudit(store: Store, tenant: string): Promise<AuditVerdict> {
  const faults: AuditFault[] = []
  let rows = 0
  let last = START
  for (;;) {
    const from = last
    // The end first: what is added meanwhile is on the page then.
    const { head, page } = await store.tenant(tenant, async (tx) => ({
      head: await auditChain.head(tx, tenant),
      page: await auditChain.part(tx, tenant, from, PAGE),
    }))
    if (page.length === 0 || faults.length >= MOST_FAULTS) {
      faults.push(...faultsOfEnd(head, last))
      return { valid: faults.length === 0, rows, head: head ?? null, faults: faults.slice(0, MOST_FAULTS) }
    }
    for (const row of page) {
      faults.push(...faultsOf(row, last))
      last = row
      rows++
    }
  }
}

function faultsOf({ id, position, hash, expected }: ChainPart, before: AuditHead): readonly AuditFault[] {
  // After a gap nobody can say what its hash must be.
  if (position === before.position + 1) return hash === expected ? [] : [{ kind: 'changed', position, id }]
  return gap(before.position, position - 1)
}

const gap = (after: number, last: number): readonly AuditFault[] =>
  Array.from({ length: Math.min(last - after, MOST_FAULTS) }, (_, at) => ({
    kind: 'removed',
    position: after + 1 + at,
  }))

/** Rows that are missing at the end, which no later row tells of. */
function faultsOfEnd(head: AuditHead | undefined, last: AuditHead): readonly AuditFault[] {
  if (head === undefined) return last.position === 0 ? [] : [{ kind: 'headless', position: last.position }]
  if (last.position < head.position) return gap(last.position, head.position)
  if (last.position === head.position && last.hash === head.hash) return []
  // More rows than were counted, or another last one.
  return [{ kind: 'changed', position: last.position }]
}

export const auditedTenants = (store: Store): Promise<readonly string[]> =>
  store.node((tx) => auditChain.tenants(tx))
