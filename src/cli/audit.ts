/** `connector-node audit verify [--tenant T]`: whether the audit log is as it was written, of one tenant or of all. */
import { readConfig, type Config } from '../config.js'
import { auditedTenants, verifyAudit, type AuditVerdict } from '../connectors/index.js'
import { openStore } from '../store/index.js'
import { storePlace } from './store-place.js'

/** 0 when all is as it was written, 1 otherwise. */
export async function verifyAuditLog(
  tenant: string | undefined,
  config: Pick<Config, 'dataDir' | 'DATABASE_URL'> = readConfig(),
): Promise<number> {
  const store = await openStore(storePlace(config))
  try {
    let faults = 0
    const tenants = tenant === undefined ? await auditedTenants(store) : [tenant]
    for (const one of tenants) {
      const verdict = await verifyAudit(store, one)
      console.log(sentence(one, verdict))
      for (const { kind, position, id } of verdict.faults)
        console.log(`  row ${position}${id === undefined ? '' : ` (id ${id})`}: ${kind}`)
      faults += verdict.faults.length
    }
    if (tenants.length === 0) console.log('The audit log is empty')
    return faults === 0 ? 0 : 1
  } finally {
    await store.close()
  }
}

function sentence(tenant: string, { valid, rows, head }: AuditVerdict): string {
  const end = head === null ? 'no end' : `end ${head.position} ${head.hash}`
  return `${tenant}: ${rows} rows, ${valid ? 'all as they were written' : 'NOT as they were written'}; ${end}`
}
