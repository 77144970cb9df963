/** What a connection leaves beside its records: cursors, scan marks, quarantined items. */
import { quarantine, scanItems, syncCursors, type Handle } from '../store/index.js'
import { databaseName } from './record-id.js'

/** Without them the next sync reads everything from the start. Goes with the records, in one transaction. */
export async function forgetTraces(handle: Handle, connectionId: string): Promise<void> {
  const database = databaseName(connectionId)
  await syncCursors.removeByDatabase(handle, database)
  await scanItems.removeByDatabase(handle, database)
  await quarantine.removeByDatabase(handle, database)
}
