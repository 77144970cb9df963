/** Files: My Drive and each shared drive apart. The first run lists them, later ones read the change log, which tells of deletions. */
import { defineStream, excerpt, readAnswer, syncToken } from '../../src/provider/index.js'
import {
  changesPage,
  DRIVE_API,
  file,
  FILE_FIELDS,
  filesPage,
  LIST_COST,
  READ_COST,
  startPageToken,
} from './drive-api.js'
import { driveContent } from './drive-content.js'
import { lastWords } from './drive-changes.js'
import { corpusOf, driveOf, fileSourceId, MY_DRIVE } from './drive-partition.js'
import { DRIVE } from './scopes.js'
import { sharedDriveIds } from './shared-drives.js'
import { place, placeAt, windowOf } from './window.js'

export const files = defineStream({
  name: 'files',
  label: 'Files',
  schema: 'file',
  scopes: [DRIVE],
  item: file,
  deletes: 'feed',

  partitions: async (http) => [MY_DRIVE, ...(await sharedDriveIds(http))],

  ...syncToken({
    token: place,
    // Before the list: what changes while it is read is told by the first changes.
    async start(http, { partition }) {
      const query = { supportsAllDrives: true, ...driveOf(partition) }
      const answer = await http.get(`${DRIVE_API}/changes/startPageToken`, { query, cost: READ_COST })
      return { at: readAnswer(startPageToken, answer).startPageToken }
    },
    async full(http, { page }, { partition, sinceMs }) {
      const since = windowOf(page, sinceMs)
      const query = {
        q: `trashed = false${since === undefined ? '' : ` and modifiedTime > '${since}'`}`,
        fields: `nextPageToken,files(${FILE_FIELDS})`,
        pageSize: 200,
        pageToken: page?.at,
        ...corpusOf(partition),
      }
      const list = readAnswer(filesPage, await http.get(`${DRIVE_API}/files`, { query, cost: LIST_COST }))
      return { items: list.files, next: placeAt(list.nextPageToken, since) }
    },
    async changes(http, { token, page }, { partition }) {
      const query = {
        fields: `nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file(${FILE_FIELDS}))`,
        pageSize: 200,
        pageToken: page?.at ?? token.at,
        supportsAllDrives: true,
        includeItemsFromAllDrives: partition !== MY_DRIVE,
        ...driveOf(partition),
      }
      const log = readAnswer(changesPage, await http.get(`${DRIVE_API}/changes`, { query, cost: LIST_COST }))
      const { files, goneIds } = lastWords(log.changes)
      return {
        items: files,
        deletedIds: goneIds.map((id) => fileSourceId(partition, id)),
        next: placeAt(log.nextPageToken),
        token: placeAt(log.newStartPageToken),
      }
    },
  }),

  map: (item) => ({
    sourceId: fileSourceId(item.driveId ?? MY_DRIVE, item.id),
    insertedAt: item.createdTime,
    modifiedAt: item.modifiedTime,
    fields: {
      name: item.name,
      summary: excerpt(item.description, 256),
      extension: item.fileExtension ?? '',
      mimeType: item.mimeType,
      // Folders and shortcuts have none, native documents often not: the schema demands one.
      size: item.size ?? 0,
      uri: item.webViewLink ?? undefined,
    },
  }),

  content: driveContent,
})
