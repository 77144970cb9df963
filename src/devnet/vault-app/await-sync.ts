/** Follows one sync through its request record, as the mobile Vault does (vault.md 3.6): read, wait, read again. */
import { setTimeout as wait } from 'node:timers/promises'
import type { AwaitSyncInput, VaultSyncInfo } from './messages.js'
import { withServerDatabase } from './server-database.js'
import type { VeridaContext } from './verida-client.js'

const POLL_MS = 500

/** @throws at once when the record is not there, `API error: <text>` when the sync failed, and when time is up. */
export async function awaitSync(
  context: VeridaContext,
  did: string,
  input: AwaitSyncInput,
): Promise<VaultSyncInfo> {
  const until = Date.now() + input.timeoutMs
  const permissions = { read: 'users', write: 'users', readList: [did], writeList: [did] } as const
  const at = {
    serverDid: input.serverDid,
    contextName: input.contextName,
    databaseName: input.syncRequestDatabaseName,
    encryptionKey: input.key,
    permissions,
    follow: true,
  }
  return withServerDatabase(context, at, async (database) => {
    for (;;) {
      const { status, syncInfo } = await database.get(input.syncRequestId)
      if (status === 'complete') return syncInfo as VaultSyncInfo
      if (status === 'error')
        throw new Error(`API error: ${String((syncInfo as { readonly error?: unknown }).error)}`)
      if (Date.now() >= until) throw new Error('Timeout waiting for server')
      await wait(input.pollMs ?? POLL_MS)
    }
  })
}
