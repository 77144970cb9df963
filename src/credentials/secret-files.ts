/** Secrets of the embedded default: files of mode 0600 that are made once; none is ever in the database. */
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { NodeError } from '../errors.js'
import { syncFolder } from '../lib/sync-folder.js'
import { Redacted } from '../lib/redacted.js'

/** The secret kept in `folder/name`; `make` gives it the first time. @throws NodeError CONFIG_INVALID when the file is empty, unreadable or cannot be written */
export async function keptSecret(folder: string, name: string, make: () => string): Promise<Redacted> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, name)
  const kept = await readIfPresent(file)
  if (kept !== undefined) {
    if (kept === '')
      throw new NodeError('CONFIG_INVALID', {
        detail: `${file} is empty: restore it from a backup, or remove it to make a new one`,
      })
    return new Redacted(kept)
  }
  const value = make()
  const draft = `${file}.${randomUUID()}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    await handle
      .writeFile(value)
      .then(() => handle.sync())
      .finally(() => handle.close())
    // A link, not a rename: of two that make it at the same time, the later must not replace the earlier's.
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await keptSecret(folder, name, make)
    throw new NodeError('CONFIG_INVALID', { detail: `${file} cannot be written`, cause: error })
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(folder)
  return new Redacted(value)
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new NodeError('CONFIG_INVALID', { detail: `${file} cannot be read`, cause: error })
  }
}
