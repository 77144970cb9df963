/** Files: a list by time of change that a later run narrows with `since`. Deleted files are not told and stay. */
import { defineStream, excerpt, readAnswer, skip, z } from '../../src/provider/index.js'
import { file, filesPage } from './api.js'
import { settings } from './settings.js'

const OVERLAP_MS = 300_000

export const files = defineStream({
  name: 'files',
  label: 'Files',
  settings,
  schema: 'file',
  scopes: ['files'],
  // `since` holds for a whole run, `page` goes through it, `newest` is the latest change met so far (ms since 1970).
  cursor: z.object({ since: z.string().nullable(), page: z.string().nullable(), newest: z.number() }),
  item: file,
  deletes: 'none',
  incremental: true,

  async fetchPage(http, cursor, { settings, now }) {
    const { since, page, newest } = cursor ?? { since: null, page: null, newest: 0 }
    const query = { since: since ?? undefined, page: page ?? undefined }
    const answer = readAnswer(filesPage, await http.get(`${settings.origin}/api/files`, { query }))
    const latest = Math.max(newest, ...answer.files.map(changedMs))
    if (answer.nextPage !== null) {
      return { items: answer.files, cursor: { since, page: answer.nextPage, newest: latest }, more: true }
    }
    // One file dated 2099 must not hide all later changes: never go past our own time. And a little back, since
    // clocks differ; what comes twice is recognized by the node and not written again.
    const nextSince = new Date(Math.max(0, Math.min(latest, now) - OVERLAP_MS)).toISOString()
    return { items: answer.files, cursor: { since: nextSince, page: null, newest: 0 }, more: false }
  },

  map(item) {
    if (item.kind === 'folder') return skip('folder')
    return {
      sourceId: item.id,
      insertedAt: item.createdAt,
      modifiedAt: item.modifiedAt,
      fields: {
        name: item.name,
        summary: excerpt(item.description, 256),
        extension: item.extension ?? /\.([^.]+)$/.exec(item.name)?.[1] ?? '',
        mimeType: item.mimeType,
        size: item.bytes,
        contentText: item.text ?? undefined,
        uri: item.url,
      },
    }
  },

  // Fetched only where a connection asks for contents. The version tells whether the bytes are others than before.
  content: {
    of: (item, { settings }) => ({
      version: item.modifiedAt,
      url: `${settings.origin}/api/files/${encodeURIComponent(item.id)}/content`,
      sizeBytes: item.bytes,
    }),
  },
})

/** The time of change of a row, 0 when it cannot be read: such a row is quarantined later and moves no cursor. */
function changedMs(row: unknown): number {
  const read = file.safeParse(row)
  return read.success ? Date.parse(read.data.modifiedAt) || 0 : 0
}
