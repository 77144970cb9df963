/** Makes a database lose documents that it had acknowledged, as a disk fault or an old backup does. */
import { changesPage } from './couch/changes.js'
import type { DatabaseAccess } from './couch/access.js'
import type { Databases } from './couch/databases.js'
import type { CouchDocument } from './couch/pouch.js'

export interface Loss {
  /** CouchDB's name of the database; all of them when missing. */
  readonly database?: string | undefined
  /** These documents; a share of them when missing. */
  readonly ids?: readonly string[] | undefined
  /** 0 to 1, spread evenly. Default 1. */
  readonly share?: number | undefined
}

/** The database is written anew without them; replication checkpoints in it are lost too. @returns how many were lost */
export async function loseDocuments<E extends DatabaseAccess>(
  databases: Databases<E>,
  loss: Loss,
): Promise<number> {
  const names = loss.database === undefined ? databases.list().map(([name]) => name) : [loss.database]
  let lost = 0
  for (const name of names) lost += await loseFrom(databases, name, loss)
  return lost
}

async function loseFrom<E extends DatabaseAccess>(
  databases: Databases<E>,
  name: string,
  { ids, share = 1 }: Loss,
): Promise<number> {
  const entry = databases.access(name)
  const { all, kept } = await databases.use(name, async ({ pouch }) => {
    const { results } = await changesPage(pouch, ALL_LEAVES)
    const isLost = (id: string, at: number): boolean =>
      ids === undefined ? Math.floor((at + 1) * share) > Math.floor(at * share) : ids.includes(id)
    const staying = results.filter(({ id }, at) => !isLost(id, at))
    const docs: readonly CouchDocument[] = await Promise.all(
      staying.flatMap(({ id, changes }) =>
        changes.map(({ rev }) => pouch.get(id, { rev, revs: true, attachments: true })),
      ),
    )
    return { all: results.length, kept: { docs, count: staying.length } }
  })
  await databases.destroy(name)
  await databases.create(name, entry)
  await databases.use(name, ({ pouch }) => pouch.bulkDocs(kept.docs, { new_edits: false }))
  return all - kept.count
}

const ALL_LEAVES = {
  since: 0,
  limit: undefined,
  allLeaves: true,
  docIds: undefined,
  descending: false,
  includeDocs: false,
  conflicts: false,
  attachments: false,
} as const
