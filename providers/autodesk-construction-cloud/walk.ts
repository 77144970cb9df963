/**
 * Reads a project folder by folder. A first run reads all; later ones only go into folders in which something changed,
 * which the time `lastModifiedTimeRollup` of each tells, and there they also meet what was deleted: it is hidden.
 * https://aps.autodesk.com/en/docs/data/v2/developers_guide/filtering
 */
import { z, type FetchContext, type Page, type ProviderHttp } from '../../src/provider/index.js'
import { entry, folder, version } from './api.js'
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
  const first = await readFolder(http, { since, begunAt, folders, page: 0 }, context)
  const top = items
    .filter((raw) => entry.safeParse(raw).data?.attributes.hidden !== true)
    .map((raw) => asListed(raw, { projectId: context.partition }))
  return { ...first, items: [...first.items, ...top] }
}

async function readFolder(http: ProviderHttp, at: Walking, context: Context): Promise<Page<Cursor>> {
  const current = at.folders.at(-1)
  if (current === undefined) return onward([], at)
  const window = context.sinceMs === undefined ? null : new Date(context.sinceMs).toISOString()
  const { items, included, isLast } = await contents(
    http,
    { projectId: context.partition, folderId: current.id },
    {
      ...pageOf(at.page, PAGE_SIZE),
      ...filterOf(current.gone ? null : (at.since ?? window), at.since !== null),
    },
  )
  const read = items.map((raw) => ({ raw, entry: entry.safeParse(raw).data }))
  const isGone = (one: (typeof read)[number]) => current.gone || one.entry?.attributes.hidden === true
  const found = foldersIn(items, current.gone).filter((one) => at.since !== null || !one.gone)
  const rest = isLast ? at.folders.slice(0, -1) : at.folders
  const next = {
    ...at,
    // What was found stands below the folder that is still being read.
    folders: isLast ? [...rest, ...found] : [...rest.slice(0, -1), ...found, current],
    page: isLast ? 0 : at.page + 1,
  }
  const tips = tipsIn(included)
  const place = { projectId: context.partition, parentId: current.id }
  const live = read
    .filter((one) => !isGone(one))
    .map((one) => (one.entry?.type === 'folders' ? asListed(one.raw, place) : withTip(one.raw, tips, place)))
  return onward(
    live,
    next,
    read.flatMap((one) => (isGone(one) ? (one.entry?.id ?? []) : [])),
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

interface Listing {
  readonly projectId: string
  readonly parentId?: string
}

/** The item with its latest version, and the project, which no answer names. */
function withTip(raw: unknown, tips: ReadonlyMap<string, unknown>, listing: Listing): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  const tip = tips.get(entry.safeParse(raw).data?.relationships?.tip?.data?.id ?? '')
  const versionNumber = version.safeParse(tip).data?.attributes.versionNumber ?? undefined
  return { ...raw, ...(tip !== undefined && { tip }), ...(versionNumber && { versionNumber }), ...listing }
}

const asListed = (raw: unknown, listing: Listing): unknown =>
  folder.safeParse(raw).success ? { ...(raw as object), ...listing } : raw
