/** What the operator decides about providers: one row for each that he has changed. */
import type { Selectable } from 'kysely'
import type { Handle } from '../handle.js'
import { jsonb } from '../sql-values.js'
import type { ProviderSettingsTable } from '../tables.js'

export type ProviderSetting = Readonly<Selectable<ProviderSettingsTable>>

export async function list(handle: Handle): Promise<readonly ProviderSetting[]> {
  return handle.selectFrom('providerSettings').selectAll().orderBy('provider').execute()
}

/** Until the transaction ends nobody else changes it. `undefined`: it was never changed. */
export async function lock(handle: Handle, provider: string): Promise<ProviderSetting | undefined> {
  return handle
    .selectFrom('providerSettings')
    .selectAll()
    .where('provider', '=', provider)
    .forUpdate()
    .executeTakeFirst()
}

export async function put(handle: Handle, row: ProviderSetting): Promise<void> {
  const { provider, settings, limits, ...columns } = row
  const changing = { ...columns, settings: jsonb(settings), limits: jsonb(limits) }
  await handle
    .insertInto('providerSettings')
    .values({ provider, ...changing })
    .onConflict((conflict) => conflict.column('provider').doUpdateSet(changing))
    .execute()
}
