/** Small values that the node keeps for itself, by name. No secrets. */
import type { Json } from '../../lib/canonical-json.js'
import type { Handle } from '../handle.js'
import { jsonb } from '../sql-values.js'

export async function get(handle: Handle, key: string): Promise<Json | undefined> {
  const row = await handle.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value
}

export async function put(handle: Handle, key: string, value: Json): Promise<void> {
  await handle
    .insertInto('settings')
    .values({ key, value: jsonb(value) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: jsonb(value) }))
    .execute()
}

/** The value that is kept: this one, or the one that was there first (also by another process). */
export async function putIfAbsent(handle: Handle, key: string, value: Json): Promise<Json> {
  const row = await handle
    .insertInto('settings')
    .values({ key, value: jsonb(value) })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((kept) => ({ value: kept.ref('settings.value') })),
    )
    .returning('value')
    .executeTakeFirstOrThrow()
  return row.value
}

export async function remove(handle: Handle, key: string): Promise<void> {
  await handle.deleteFrom('settings').where('key', '=', key).execute()
}
