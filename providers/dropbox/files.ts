/**
 * Files and folders: all of them once, then by the last cursor what changed since, with deletions.
 *
 * A deletion is told by its path alone, so the ids of this stream are made of paths; what was moved is deleted and new.
 * Whether it was a file or a folder, and what was in that folder, is not told. A path with revisions was a file.
 * Anything else may have been a folder: everything is read anew then, and what is no longer met was deleted.
 * https://www.dropbox.com/developers/documentation/http/documentation#files-list_folder-continue
 */
import {
  defineStream,
  NodeError,
  readAnswer,
  skip,
  syncToken,
  z,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { entry, listPage, placed, revisions } from './api.js'
import { mimeTypeOf } from './mime-types.js'

const FILES = 'https://api.dropboxapi.com/2/files'

/** The most that a page may hold. */
const LIMIT = 2000

/** Each deletion costs a call: from here on a reading of everything is likely to be shorter. */
const MOST_DELETIONS = 20

export const files = defineStream({
  name: 'files',
  label: 'Files',
  schema: 'file',
  scopes: ['files.metadata.read'],
  item: entry,
  deletes: 'feed',
  ...syncToken({
    token: z.string(),
    full: (http, { page }) => list(http, page),
    changes: (http, { token, page }) => list(http, page ?? token),
  }),

  map(item) {
    const { path_lower: path, name } = item
    if (typeof path !== 'string') return skip('not mounted')
    const sourceId = idOf(path)
    if (item['.tag'] === 'folder') {
      return { sourceId, fields: { name, extension: '', mimeType: 'inode/directory', size: 0 } }
    }
    const extension = /[^.]\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
    return {
      sourceId,
      modifiedAt: item.server_modified,
      fields: { name, extension, mimeType: mimeTypeOf(extension), size: item.size },
    }
  },
})

/** The path, without slashes: what stands before the last one would have to be the same for a file and its folder. */
const idOf = (path: string): string => path.replaceAll('%', '%25').replaceAll('/', '%2F')

async function list(http: ProviderHttp, cursor: string | undefined) {
  const [url, json] =
    cursor === undefined
      ? [`${FILES}/list_folder`, { path: '', recursive: true, limit: LIMIT }]
      : [`${FILES}/list_folder/continue`, { cursor }]
  const page = readAnswer(listPage, await http.post(url, { json }, { idempotent: true }))
  const { items, deleted, ended } = lastWords(page.entries)
  if (deleted.size > MOST_DELETIONS)
    throw new NodeError('CURSOR_EXPIRED', { detail: 'so many deletions that all is read anew' })
  for (const path of deleted) await requireFile(http, path)
  const deletedIds = ended.map(idOf)
  return page.has_more ? { items, deletedIds, next: page.cursor } : { items, deletedIds, token: page.cursor }
}

/** Entries are a log: for each path the last one holds. `deleted` has also what was made again, `ended` has not. */
function lastWords(entries: readonly unknown[]) {
  const last = new Map<string, { readonly '.tag': string }>()
  const deleted = new Set<string>()
  const odd: unknown[] = []
  for (const raw of entries) {
    const read = placed.safeParse(raw).data
    if (read === undefined) odd.push(raw)
    else last.set(read.path_lower, read)
    if (read?.['.tag'] === 'deleted') deleted.add(read.path_lower)
  }
  const isThere = ([, row]: readonly [string, { readonly '.tag': string }]) => row['.tag'] !== 'deleted'
  const items = [...odd, ...[...last].filter(isThere).map(([path, row]) => withParts(path, row))]
  return { items, deleted, ended: [...deleted].filter((path) => last.get(path)?.['.tag'] === 'deleted') }
}

/** Its folder and its form under the names that the list of files reads. What lies at the top has no folder. */
function withParts(path: string, row: { readonly '.tag': string; readonly rev?: unknown }) {
  const parent = path.slice(0, path.lastIndexOf('/'))
  return {
    ...row,
    ...(parent !== '' && { parentId: idOf(parent) }),
    ...(typeof row.rev === 'string' && { version: row.rev }),
  }
}

/** Ends the reading of changes (409 `path`, see `classify`) unless there was a file at the path. */
async function requireFile(http: ProviderHttp, path: string): Promise<void> {
  const json = { path, mode: 'path', limit: 1 }
  readAnswer(revisions, await http.post(`${FILES}/list_revisions`, { json }, { idempotent: true }))
}
