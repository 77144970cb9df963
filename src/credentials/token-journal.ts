/** Refreshed tokens as small files that are synced to disk: the embedded database does not sync, and a lost rotated token locks the owner out. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { syncFolder } from '../lib/sync-folder.js'

export interface JournalEntry {
  readonly generation: number
  /** Sealed under the grant's secret: the file alone opens nothing. */
  readonly tokensSealed: string
}

export interface TokenJournal {
  /** Durable when it returns. */
  put(grantId: string, entry: JournalEntry): Promise<void>
  get(grantId: string): Promise<JournalEntry | undefined>
  remove(grantId: string): Promise<void>
}

/** For databases that sync by themselves. */
export const noJournal: TokenJournal = {
  put: () => Promise.resolve(),
  get: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
}

export function fileJournal(folder: string): TokenJournal {
  const fileOf = (grantId: string): string => join(folder, `${encodeURIComponent(grantId)}.json`)
  return {
    async put(grantId, entry) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const draft = join(folder, `.${randomUUID()}`)
      const handle = await open(draft, 'wx', 0o600)
      try {
        await handle.writeFile(JSON.stringify(entry))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(draft, fileOf(grantId))
      await syncFolder(folder)
    },
    async get(grantId) {
      try {
        return readEntry(await readFile(fileOf(grantId), 'utf8'))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    remove: (grantId) => rm(fileOf(grantId), { force: true }),
  }
}

const entryShape = z.object({ generation: z.number().int().min(1), tokensSealed: z.string().min(1) })

/** A torn entry is none: its `put` never returned, so the tokens in it were never used, and the store decides. */
function readEntry(text: string): JournalEntry | undefined {
  try {
    return entryShape.safeParse(JSON.parse(text)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
