/** Live reads of drives, their folders and files, and what people wrote beside a file. */
import { readAnswer, z, type BrowsedItem, type Container, type HttpQuery } from '../../src/provider/index.js'
import { browsePage, cursorOf, type BrowsePart } from './browse.js'
import {
  drive,
  DRIVE_API,
  file,
  FILE_FIELDS,
  filesPage,
  FOLDER,
  LIST_COST,
  READ_COST,
  rootFolder,
} from './drive-api.js'
import { readComments } from './drive-comments.js'
import { drivesPageOf } from './shared-drives.js'

/** Files of shared drives too, wherever a query leads. */
const ALL = { supportsAllDrives: true, includeItemsFromAllDrives: true }

/** Where the outermost containers go on: behind My Drive. */
const outermost = z.object({ drives: z.string().nullable() })

export const drivePart: BrowsePart = {
  containerKinds: ['drive', 'folder'],
  itemKind: 'file',
  owns: (id) => !id.includes('@') && id !== 'primary',
  /** Kinds with a slash are MIME types. */
  takesKind: (kind) => kind === 'file' || kind.includes('/'),

  async containers(http, query) {
    const { parentId, limit } = query
    if (parentId !== undefined) {
      const q = `${inside(parentId)} and mimeType = '${FOLDER}' and trashed = false`
      const page = await readFiles(http, { q, orderBy: 'name', pageSize: limit }, cursorOf(z.string(), query))
      return browsePage(
        page.files.flatMap((row) => folderOf(row, parentId)),
        page.nextPageToken,
      )
    }
    const from = cursorOf(outermost, query)
    if (from === undefined) {
      const answer = await http.get(`${DRIVE_API}/files/root`, {
        query: { fields: 'id,name' },
        cost: READ_COST,
      })
      const { id, name } = readAnswer(rootFolder, answer)
      return { data: [{ id, kind: 'drive', name, raw: answer.json }], cursor: { drives: null } }
    }
    const page = await drivesPageOf(http, { pageSize: limit, pageToken: from.drives ?? undefined })
    const next = page.nextPageToken
    return browsePage(page.drives.flatMap(driveOf), next === undefined ? undefined : { drives: next })
  },

  async items(http, query) {
    const { containerId, kind, search, since, until, limit } = query
    const clauses = [
      'trashed = false',
      `mimeType != '${FOLDER}'`,
      containerId === undefined ? undefined : inside(containerId),
      kind === undefined || kind === 'file' ? undefined : `mimeType = ${quoted(kind)}`,
      search === undefined ? undefined : `fullText contains ${quoted(search)}`,
      since === undefined ? undefined : `modifiedTime >= ${quoted(since)}`,
      until === undefined ? undefined : `modifiedTime < ${quoted(until)}`,
    ]
    const asked = {
      q: clauses.filter((clause) => clause !== undefined).join(' and '),
      // What is found by its text comes by relevance and takes no other order.
      orderBy: search === undefined ? 'modifiedTime desc' : undefined,
      pageSize: limit,
      // Of all drives only where none is named: that is the slower search.
      corpora: containerId === undefined ? 'allDrives' : undefined,
    }
    const page = await readFiles(http, asked, cursorOf(z.string(), query))
    return browsePage(
      page.files.flatMap((row) => itemOf(row, containerId)),
      page.nextPageToken,
    )
  },

  comments: readComments,
}

type Files = z.output<typeof filesPage>

async function readFiles(
  http: Parameters<BrowsePart['items']>[0],
  asked: HttpQuery,
  pageToken: string | undefined,
): Promise<Files> {
  const query = { ...ALL, fields: `nextPageToken,files(${FILE_FIELDS})`, ...asked, pageToken }
  return readAnswer(filesPage, await http.get(`${DRIVE_API}/files`, { query, cost: LIST_COST }))
}

/** https://developers.google.com/workspace/drive/api/guides/search-files: quotes and backslashes are escaped. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const inside = (folderId: string): string => `${quoted(folderId)} in parents`

function driveOf(row: unknown): readonly Container[] {
  const { data } = drive.safeParse(row)
  if (data === undefined) return []
  const { id, name, createdTime } = data
  return [{ id, kind: 'drive', name, ...(createdTime && { createdAt: createdTime }), raw: row }]
}

function folderOf(row: unknown, parentId: string): readonly Container[] {
  return itemOf(row, parentId).map(({ id, name, url, createdAt, updatedAt, raw }) => ({
    id,
    kind: 'folder',
    name,
    parentId,
    ...(url !== undefined && { url }),
    ...(createdAt !== undefined && { createdAt }),
    ...(updatedAt !== undefined && { updatedAt }),
    raw,
  }))
}

function itemOf(row: unknown, containerId: string | undefined): readonly BrowsedItem[] {
  const { data } = file.safeParse(row)
  if (data === undefined) return []
  const parent = containerId ?? data.parents?.[0]
  return [
    {
      id: data.id,
      kind: 'file',
      name: data.name,
      ...(parent !== undefined && { containerId: parent }),
      ...(data.webViewLink && { url: data.webViewLink }),
      mimeType: data.mimeType,
      ...(data.size && { sizeBytes: data.size }),
      createdAt: data.createdTime,
      updatedAt: data.modifiedTime,
      raw: row,
    },
  ]
}
