/** Files of all folders that are seen, each as its latest version, and the folders. Every project is a partition. */
import { defineStream, z } from '../../src/provider/index.js'
import { file, listedFolder } from './api.js'
import { projectsOf } from './data-management.js'
import { fileFields, folderFields } from './file-fields.js'
import { settings } from './settings.js'
import { cursor, readProject } from './walk.js'

export const files = defineStream({
  name: 'files',
  label: 'Files',
  settings,
  schema: 'file',
  cursor,
  item: z.discriminatedUnion('type', [file, listedFolder]),
  deletes: 'feed',
  incremental: true,

  partitions: async (http, context) =>
    (await projectsOf(http, context.account.id, context)).map(({ id }) => id),

  fetchPage: readProject,

  map: (item) => ({
    sourceId: item.id,
    insertedAt: item.attributes.createTime,
    modifiedAt: item.attributes.lastModifiedTime,
    fields: item.type === 'folders' ? folderFields(item) : fileFields(item),
  }),
})
