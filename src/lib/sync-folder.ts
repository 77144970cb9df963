/** Makes what was added to a folder durable: a new or renamed file outlives a power loss only once its folder is synced. */
import { open } from 'node:fs/promises'

export async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r')
  await directory.sync().finally(() => directory.close())
}
