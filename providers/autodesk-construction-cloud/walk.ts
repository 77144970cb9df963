/**
 * Reads a project folder by folder. A first run reads all; later ones only go into folders in which something changed,
 * which the time `lastModifiedTimeRollup` of each tells, and there they also meet what was deleted: it is hidden.
 * https://aps.autodesk.com/en/docs/data/v2/developers_guide/filtering
 */
import { z, type FetchContext, type Page, type ProviderHttp } from '../../src/provider/index.js'
import { entry, version } from './api.js'
import { contents, PAGE_SIZE, pageOf, topFolders } from './data-management.js'
import type { settings } from './settings.js'

/** Changes that the service shows late. */
const OVERLAP_MS = 300_000

/** `gone`: the folder was deleted, and with it all that is in it. */
const place = z.object({ id: z.string(), gone: z.boolean() })
const walking = z.object({
  since: z.string().nullable(),
  /** When this pass began. */
  begunAt: z.string(),
  /** Folders still to read, the last one first. */
  folders: z.array(place),
  page: z.int(),
})
const resting = z.object({ since: z.string() })
export const cursor = z.union([walking, resting])
export type Cursor = z.output<typeof cursor>
type Walking = z.output<typeof walking>
type Context = FetchContext<typeof settings>

export async function readProject(
  http: ProviderHttp,
  at: Cursor | undefined,
  context: Context,
): Promise<Page<Cursor>> {
  if (at !== undefined && 'folders' in at) return readFolder(http, at, context)
  const { items } = await topFolders(http, context.account.id, context.partition)
  const folders = foldersIn(items, false)
  const since = at?.since ?? null
  const begunAt = new Date(context.now).toISOString()
  return readFolder(http, { since, begunAt, folders, page: 0 }, context)
}

async function readFolder(http: ProviderHttp, at: Walking, context: Context): Promise<Page<Cursor>> {
  const folder = at.folders.at(-1)
  if (folder === undefined) return onward([], at)
  const window = context.sinceMs === undefined ? null : new Date(context.sinceMs).toISOString()
  const { items, included, isLast } = await contents(
    http,
    { projectId: context.partition, folderId: folder.id },
    {
      ...pageOf(at.page, PAGE_SIZE),
      ...filterOf(folder.gone ? null : (at.since ?? window), at.since !== null),
    },
  )
  const read = items.map((raw) => ({ raw, entry: entry.safeParse(raw).data }))
  const isGone = (one: (typeof read)[number]) => folder.gone || one.entry?.attributes.hidden === true
  const files = read.filter((one) => one.entry?.type !== 'folders')
  const found = foldersIn(items, folder.gone).filter((one) => at.since !== null || !one.gone)
  const rest = isLast ? at.folders.slice(0, -1) : at.folders
  const next = {
    ...at,
    // What was found stands below the folder that is still being read.
    folders: isLast ? [...rest, ...found] : [...rest.slice(0, -1), ...found, folder],
    page: isLast ? 0 : at.page + 1,
  }
  const tips = tipsIn(included)
  const live = files.filter((one) => !isGone(one)).map(({ raw }) => withTip(raw, tips, context.partition))
  return onward(
    live,
    next,
    files.flatMap((one) => (isGone(one) ? (one.entry?.id ?? []) : [])),
  )
}

/** A first run has nothing to take away. */
const filterOf = (since: string | null, isLater: boolean) => ({
  ...(since !== null && { 'filter[lastModifiedTimeRollup]-ge': since }),
  ...(isLater && { includeHidden: true }),
})

function onward(items: readonly unknown[], at: Walking, deletedIds: readonly string[] = []): Page<Cursor> {
  if (at.folders.length > 0) return { items, deletedIds, cursor: at, more: true }
  const since = new Date(Date.parse(at.begunAt) - OVERLAP_MS).toISOString()
  return { items, deletedIds, cursor: { since }, more: false }
}

function foldersIn(items: readonly unknown[], gone: boolean) {
  return items.flatMap((raw) => {
    const read = entry.safeParse(raw).data
    return read?.type === 'folders' ? [{ id: read.id, gone: gone || read.attributes.hidden === true }] : []
  })
}

const tipsIn = (included: readonly unknown[]): ReadonlyMap<string, unknown> =>
  new Map(
    included.flatMap((raw) => {
      const id = version.safeParse(raw).data?.id
      return id === undefined ? [] : [[id, raw] as const]
    }),
  )

/** The item with its latest version, and the project, which no answer names. */
function withTip(raw: unknown, tips: ReadonlyMap<string, unknown>, projectId: string): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  const tip = tips.get(entry.safeParse(raw).data?.relationships?.tip?.data?.id ?? '')
  return { ...raw, ...(tip !== undefined && { tip }), projectId }
}
